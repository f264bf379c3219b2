//! A small HTTP/1.1 client that keeps one connection: it should cost as little as the server allows.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct HttpClient {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// What came back; the body is behind `body_start` in the client's buffer.
#[derive(Clone, Copy)]
pub struct Answer {
    pub status: u16,
    body_start: usize,
}

const ANSWER_LENGTH_MAX: usize = 1 << 20;

impl HttpClient {
    pub async fn connect(address: SocketAddr) -> anyhow::Result<HttpClient> {
        let stream = TcpStream::connect(address)
            .await
            .context("cannot connect to the server")?;
        stream.set_nodelay(true)?;
        Ok(HttpClient {
            stream,
            request: Vec::with_capacity(2_048),
            answer: Vec::with_capacity(8_192),
        })
    }

    /// Sends a POST and reads the whole answer.
    pub async fn post(&mut self, path: &str, headers: &str, body: &[u8]) -> anyhow::Result<Answer> {
        self.request.clear();
        self.request.extend_from_slice(b"POST ");
        self.request.extend_from_slice(path.as_bytes());
        self.request
            .extend_from_slice(b" HTTP/1.1\r\nhost: localhost\r\n");
        self.request.extend_from_slice(headers.as_bytes());
        self.request
            .extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        loop {
            if let Some(answer) = self.complete()? {
                return Ok(answer);
            }
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the server closed the connection");
            }
            if ANSWER_LENGTH_MAX < self.answer.len() {
                bail!("the answer is too long");
            }
        }
    }

    pub fn body(&self, answer: Answer) -> &[u8] {
        &self.answer[answer.body_start..]
    }

    fn complete(&self) -> anyhow::Result<Option<Answer>> {
        let Some(end) = self.answer.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = std::str::from_utf8(&self.answer[..end])?;
        let status = head.get(9..12).context("no status")?.parse()?;
        let length = head.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>())
        });
        let length = length.transpose()?.unwrap_or(0);
        let body_start = end + 4;
        Ok((body_start + length <= self.answer.len()).then_some(Answer { status, body_start }))
    }
}
