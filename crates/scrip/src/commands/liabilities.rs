//! `scrip liabilities`: a statement of what the issuer owes, now.

use accounting::entry::Actor;
use engine::liabilities::publishing::Published;
use reqwest::Method;
use serde_json::json;

use crate::cli::people::Place;
use crate::commands::people::{ask, offline};

pub async fn state(place: Place) -> anyhow::Result<()> {
    let Some(platform) = offline(&place).await? else {
        let path = "/v1/operator/liabilities";
        let stated = ask(&place.remote, Method::POST, path, None).await?;
        let is_new = stated["is_new"] == json!(true);
        print(
            &stated["sequence"].to_string(),
            &stated["counted"].to_string(),
            is_new,
        );
        return Ok(());
    };
    let published = platform.publisher().publish(Actor::Operator).await;
    platform.close()?;
    let published = published?;
    let shown = published.shown();
    let entry = shown.entry.sequence().0.to_string();
    let counted = shown.statement.counted.0.to_string();
    print(&entry, &counted, matches!(published, Published::Now(_)));
    Ok(())
}

fn print(entry: &str, counted: &str, is_new: bool) {
    if is_new {
        println!("entry {entry} states what is owed after entry {counted}");
    } else {
        println!("nothing new is stated: entry {entry} states what is owed after entry {counted}");
    }
}
