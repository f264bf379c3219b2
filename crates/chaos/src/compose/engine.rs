//! Whatever runs compose files on this machine.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::command::{in_words, run};

/// Programs that run compose files, with what each answers only if its engine is there.
const ENGINES: [(&[&str], &str); 2] = [
    (&["docker", "compose"], "ls"),
    (&["podman-compose"], "version"),
];
/// A name of its own, so that nothing of a platform that is in use here has it.
const NAME: &str = "scrip-chaos";

/// A compose file, the program that runs it, and the variables that it asks for.
pub struct Project {
    program: &'static [&'static str],
    file: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Project {
    /// Takes the first program that works here.
    pub fn find(file: &Path, variables: Vec<(&'static str, String)>) -> anyhow::Result<Project> {
        let mut obstacles = Vec::new();
        for (program, probe) in ENGINES {
            match run(Command::new(program[0]).args(&program[1..]).arg(probe)) {
                Ok(_) => {
                    let file = file.to_owned();
                    return Ok(Project {
                        program,
                        file,
                        variables,
                    });
                }
                Err(error) => obstacles.push(format!("{error:#}")),
            }
        }
        bail!(
            "nothing here runs compose files; install Docker with its compose plugin, or podman and podman-compose:\n{}",
            obstacles.join("\n")
        )
    }

    /// Runs a command with its output shown.
    pub fn show(&self, arguments: &[&str]) -> anyhow::Result<()> {
        println!("$ {self} {}", arguments.join(" "));
        let mut command = self.command(arguments);
        let status = command.stdin(Stdio::null()).status();
        let status = status.with_context(|| format!("could not start {}", in_words(&command)))?;
        if !status.success() {
            bail!("`{self} {}` ended with {status}", arguments.join(" "));
        }
        Ok(())
    }

    /// Runs a command and answers what it printed.
    pub fn read(&self, arguments: &[&str]) -> anyhow::Result<String> {
        run(&mut self.command(arguments))
    }

    /// Runs a command in a service's container.
    pub fn exec(&self, service: &str, command: &[&str]) -> anyhow::Result<String> {
        self.read(&[&["exec", "-T", service], command].concat())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program[0]);
        command
            .args(&self.program[1..])
            .args(["--project-name", NAME, "--file"])
            .arg(&self.file)
            .args(arguments)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// The program as it is called, without variables.
impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program.join(" ");
        write!(
            f,
            "{program} --project-name {NAME} --file {}",
            self.file.display()
        )
    }
}
