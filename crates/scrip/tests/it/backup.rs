//! Online backup and restore, under load.

use crate::client::Client;
use crate::program::{Demo, run_badly, run_well};

#[tokio::test]
async fn a_backup_taken_under_load_restores_and_agrees() {
    let directory = tempfile::tempdir().expect("a directory");
    let [data, backup, restored] =
        ["data", "backup", "restored"].map(|name| directory.path().join(name));
    let [data_text, backup_text, restored_text] =
        [&data, &backup, &restored].map(|path| path.to_str().expect("UTF-8"));
    let demo = Demo::start(&data);
    let shop = Client::of(&demo);
    let before = shop
        .create(None, "10.00", "EUR")
        .await
        .expect("an answer")
        .body;
    let busy = tokio::spawn({
        let shop = shop.clone();
        async move {
            while let Ok(answer) = shop.create(None, "1.00", "EUR").await {
                assert!(answer.status.is_success());
            }
        }
    });
    let arguments = ["backup", "--data", data_text, backup_text].map(str::to_owned);
    let copied =
        tokio::task::spawn_blocking(move || run_well(&arguments.each_ref().map(String::as_str)))
            .await;
    copied.expect("the backup ran");
    assert!(!busy.is_finished(), "payments went on during the backup");
    busy.abort();
    demo.stop();

    run_well(&["restore", backup_text, "--data", restored_text]);
    assert!(run_well(&["audit", "--data", restored_text]).contains("everything agrees"));
    let demo = Demo::start(&restored);
    let shop = Client::of(&demo);
    let id = before["id"].as_str().expect("an id");
    assert_eq!(
        shop.payment(id).await.expect("an answer").body["status"],
        "INITIATED"
    );
}

#[test]
fn a_backup_never_overwrites_anything() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("data");
    let demo = Demo::start(&data);
    demo.stop();
    let target = directory.path().join("target");
    std::fs::create_dir(&target).expect("a directory");
    std::fs::write(target.join("something"), "else").expect("a file");
    let data = data.to_str().expect("UTF-8");
    let error = run_badly(&["backup", "--data", data, target.to_str().expect("UTF-8")]);
    assert!(error.contains("empty"), "{error}");
    let error = run_badly(&[
        "restore",
        target.to_str().expect("UTF-8"),
        "--data",
        "/nonexistent/x",
    ]);
    assert!(error.contains("is not a backup"), "{error}");
}
