use std::process::Command;

use super::run;

#[test]
fn a_command_that_fails_is_named_with_its_complaint_and_without_its_passwords() {
    let mut command = Command::new("sh");
    command
        .args(["-c", "echo it broke >&2; exit 3"])
        .env("PASSWORD", "secret");
    let error = format!("{:#}", run(&mut command).expect_err("it fails"));
    assert!(
        error.contains("`sh -c echo it broke") && error.contains("it broke\n"),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
    let mut absent = Command::new("no-such-program");
    let error = format!(
        "{:#}",
        run(absent.env("PASSWORD", "secret")).expect_err("it fails")
    );
    assert!(!error.contains("secret"), "{error}");
}
