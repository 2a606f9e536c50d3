# The steps of .ci/run, one by one. `just --list` shows them; `just check` runs all but the slow ones.

export CARGO_TERM_COLOR := env("CARGO_TERM_COLOR", "auto")

# Formatting of every crate and of the fuzz targets
fmt:
    cargo fmt --all --check
    cargo fmt --manifest-path node/fuzz/Cargo.toml --check

# Clippy, warnings as errors
clippy:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# All tests, the replay of the vectors among them
test:
    cargo test --workspace --locked

# The examples of the protocol crate
examples:
    cargo run -q --locked --profile test --example link_two_lists
    cargo run -q --locked --profile test --example embed_a_session
    cargo run -q --locked --profile test --example verify_evidence

# The second implementation: its tests, and that the vectors are what it makes
reference:
    python3 -m unittest discover spec/reference

# The documentation of all crates, warnings as errors
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --workspace --locked

# The list of faults still fits the code, and a sample of them is noticed
faults count="4":
    .ci/faults --check
    .ci/faults --sample {{count}}

# Each fuzz target for some seconds
fuzz seconds="10":
    .ci/fuzz {{seconds}}

# Licences, sources and bans of dependencies
dependencies:
    cargo deny check bans licenses sources

# The random walk of two desks over databases on disks, in full length (minutes; `just test` walks a part of it)
walk steps="100000":
    BLINDLINK_WALK={{steps}} cargo test --locked -p blindlink-node --lib two_desks_on_disks -- --nocapture

# The console in a real browser: two ministries from lists to letters, every page in six languages (needs Chromium and Node.js)
browser:
    mkdir -p target/walk && cp node/console/browser/* target/walk
    cd target/walk && npm ci --no-audit --no-fund --ignore-scripts
    cargo test -q --workspace --locked --no-run
    cargo test --workspace --locked --test browser -- --nocapture

# What an honest pair notices of a slow peer and of a flood at the door (measured, some minutes)
beside records="1000":
    cargo build -q --release --locked -p blindlink-cli
    cargo run -q --release --locked -p blindlink-testkit --example beside {{records}}

# Man pages and completions, into target/manual
manual:
    cargo build -q --release --locked -p blindlink-cli
    target/release/blindlink manual --pages target/manual
    target/release/blindlink manual --completions bash > target/manual/blindlink.bash
    target/release/blindlink manual --completions zsh > target/manual/_blindlink

# The program without symbols has 25 MB at most
size: manual
    strip -o target/blindlink-stripped target/release/blindlink
    test "$(stat -c %s target/blindlink-stripped)" -le 25000000

# The Debian package, into target/debian (needs cargo-deb)
package: size
    cargo deb -p blindlink-cli --no-build --strip --output target/debian/

# The package for machines without a line: with what it is made of, documentation, checksums; into target/
bundle: package
    node/cli/packaging/bundle

# What the program is made of, as CycloneDX
sbom:
    node/cli/packaging/sbom

# The package in a fresh system (needs root and debootstrap): installed, its unit's command line started, the first day done
package-trial folder:
    node/cli/packaging/trial {{folder}}

# What a contributor runs before a commit
check: fmt clippy test

# A node with three peers through a week: schedules, lists that change, suspensions, a forked log, a kill -9 a day
week:
    BLINDLINK_WEEK=1 cargo test --locked -p blindlink-cli --test suite week -- --nocapture

# Writes the ledger, the help of commands and the list of faults anew
rewrite:
    BLINDLINK_WRITE_LEDGER=1 cargo test -q -p blindlink ledger
    TRYCMD=overwrite cargo test -q -p blindlink-cli commands_print
