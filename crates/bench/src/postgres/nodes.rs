//! Nodes as processes of their own.

use std::process::Stdio;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::load::Shown;
use crate::postgres::node::{NodeLoad, NodeReport, NodeSetup, READY};
use crate::postgres::observed::{Observed, Observer};

/// Nodes that run side by side all the time, as they would; which of them have clients, each load says.
pub struct Nodes(Vec<Node>);

struct Node {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Nodes {
    pub async fn start(count: usize, setup: &NodeSetup) -> anyhow::Result<Nodes> {
        let mut nodes = Vec::with_capacity(count);
        for _ in 0..count {
            let mut node = Node::start(setup)?;
            let line = node.line().await?;
            anyhow::ensure!(line == READY, "a node said: {line}");
            nodes.push(node);
        }
        Ok(Nodes(nodes))
    }

    /// Lets each of the first nodes work on its load, all at once; answers what they showed together, and what it took
    /// the server.
    pub async fn measure(
        &mut self,
        loads: &[NodeLoad],
        observer: &Observer,
    ) -> anyhow::Result<(Shown, Observed)> {
        let first = loads.first().context("there is nothing to measure")?;
        for (node, load) in self.0.iter_mut().zip(loads) {
            let line = serde_json::to_string(load)? + "\n";
            node.input.write_all(line.as_bytes()).await?;
        }
        let observed = observer.during(first.warm_up, first.duration).await?;
        let mut shown = Shown::default();
        for node in self.0.iter_mut().take(loads.len()) {
            let report: NodeReport = serde_json::from_str(&node.line().await?)?;
            shown.join(report.into_shown());
        }
        Ok((shown, observed))
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        for Node {
            mut child, input, ..
        } in self.0
        {
            drop(input);
            let status = child.wait().await?;
            anyhow::ensure!(status.success(), "a node ended with {status}");
        }
        Ok(())
    }
}

impl Node {
    fn start(setup: &NodeSetup) -> anyhow::Result<Node> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--node")
            .arg(serde_json::to_string(setup)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("a node cannot be started")?;
        let input = child.stdin.take().context("a node has no input")?;
        let output = child.stdout.take().context("a node has no output")?;
        Ok(Node {
            child,
            input,
            output: BufReader::new(output).lines(),
        })
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        let line = self.output.next_line().await?;
        line.context("a node ended early; its reason stands above")
    }
}
