//! Temporary.
#![allow(dead_code, unused)]
mod platform;
use platform::*;
use std::time::Instant;
use http::Method;
use api::state::ApiState;

#[tokio::test(flavor = "current_thread")]
async fn speed() {
    let p = Platform::new().await;
    let body = new_payment();
    let n = 20_000usize;
    let cpu = || { let s = std::fs::read_to_string("/proc/thread-self/stat").unwrap(); let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect(); (f[11].parse::<u64>().unwrap() + f[12].parse::<u64>().unwrap()) * 10_000 };
    for round in 0..2 {
        let (t, c) = (Instant::now(), cpu());
        let mut set = Vec::new();
        for _ in 0..n / 64 {
            set.clear();
            for _ in 0..64 { set.push(p.shop(Method::POST, "/v1/payments").json(&body)); }
            let replies = futures_util::future::join_all(set.drain(..)).await;
            assert!(replies.iter().all(|r| r.status.as_u16() == 201));
        }
        println!("create: {:?} wall/req, {} ns api-thread cpu/req (with client)", t.elapsed() / n as u32, (cpu() - c) * 1000 / n as u64);
        let (t, c) = (Instant::now(), cpu());
        for _ in 0..n / 64 {
            for _ in 0..64 { set.push(p.call(Method::POST, "/v1/nothing").json(&body)); }
            futures_util::future::join_all(set.drain(..)).await;
        }
        println!("baseline 404: {:?} wall, {} ns cpu", t.elapsed() / n as u32, (cpu() - c) * 1000 / n as u64);
        let (t, c) = (Instant::now(), cpu());
        for _ in 0..n / 64 {
            for _ in 0..64 { set.push(p.shop(Method::GET, "/v1/payouts/limits/EUR").json(&body)); }
            futures_util::future::join_all(set.drain(..)).await;
        }
        println!("auth only: {:?} wall, {} ns cpu", t.elapsed() / n as u32, (cpu() - c) * 1000 / n as u64);
    }
}
