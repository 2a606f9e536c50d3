use super::names;

/// V-ERASE-002
#[test]
fn a_file_names_an_identifier_by_itself() {
    for (content, is) in [
        ("record_id,sex\nb1,F\n", true),
        ("record_id;sex\n\"b1\";F\n", true),
        ("{\"id\":\"b1\"}", true),
        ("record_id,sex\nb10,F\n", false),
        ("record_id,sex\nxb1,F\nb1-2,M\nb1/3,M\n", false),
        ("", false),
    ] {
        assert_eq!(names(content.as_bytes(), "b1"), is, "{content}");
    }
    assert!(!names(b"anything", ""));
}
