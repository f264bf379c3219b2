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
const HEADERS_MAX: usize = 64;

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
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut head = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(body_start) = head.parse(&self.answer)? else {
            return Ok(None);
        };
        let status = head.code.context("no status")?;
        let mut headers = head.headers.iter();
        let length = headers.find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let length = match length {
            Some(header) => std::str::from_utf8(header.value)?.parse()?,
            None => 0,
        };
        Ok((body_start + length <= self.answer.len()).then_some(Answer { status, body_start }))
    }
}
