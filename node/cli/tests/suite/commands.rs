//! What the commands print: help, misuse, long texts. `TRYCMD=overwrite` writes the files anew.

use blindlink_testkit::program;

#[test]
fn commands_print_what_their_files_say() {
    trycmd::TestCases::new().register_bin("blindlink", program()).case("tests/cmd/*.trycmd");
}
