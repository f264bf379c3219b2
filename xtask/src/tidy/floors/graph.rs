//! The crates of the workspace and what each of them depends on, as cargo tells it.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use crate::process;

pub struct CrateGraph {
    pub members: Vec<Member>,
}

pub struct Member {
    pub name: String,
    /// Relative to the workspace root.
    pub manifest_path: String,
    pub dependencies: Vec<Dependency>,
}

pub struct Dependency {
    pub name: String,
    pub kind: DependencyKind,
    /// Whether the crate is one of ours.
    pub is_member: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyKind {
    /// Built into the product, or run while it is built.
    Product,
    /// A dev-dependency.
    Test,
}

impl CrateGraph {
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let metadata = process::read(Command::new("cargo").current_dir(root).args([
            "metadata",
            "--format-version=1",
            "--no-deps",
            "--offline",
        ]))?;
        Self::parse(&metadata, root)
    }

    /// `metadata` is the output of `cargo metadata --no-deps`: its packages are the members and nothing else.
    pub fn parse(metadata: &str, root: &Path) -> anyhow::Result<Self> {
        let metadata: Value =
            serde_json::from_str(metadata).context("cargo metadata printed no JSON")?;
        let packages = metadata["packages"]
            .as_array()
            .context("cargo metadata named no packages")?;
        let members = packages
            .iter()
            .map(|package| parse_member(package, root))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { members })
    }
}

fn parse_member(package: &Value, root: &Path) -> anyhow::Result<Member> {
    let name = text(package, "name")?;
    let manifest_path = text(package, "manifest_path")?;
    let relative = Path::new(&manifest_path)
        .strip_prefix(root)
        .unwrap_or(Path::new(&manifest_path));
    let dependencies = package["dependencies"]
        .as_array()
        .with_context(|| format!("`{name}` has no dependency list"))?;
    Ok(Member {
        manifest_path: relative.to_string_lossy().into_owned(),
        dependencies: dependencies
            .iter()
            .map(parse_dependency)
            .collect::<anyhow::Result<_>>()?,
        name,
    })
}

fn parse_dependency(dependency: &Value) -> anyhow::Result<Dependency> {
    let kind = match dependency["kind"].as_str() {
        Some("dev") => DependencyKind::Test,
        Some(_) | None => DependencyKind::Product,
    };
    // Only a dependency by path has one, and every path in this workspace leads to a member.
    Ok(Dependency {
        name: text(dependency, "name")?,
        kind,
        is_member: dependency["path"].is_string(),
    })
}

fn text(object: &Value, key: &str) -> anyhow::Result<String> {
    let value = object[key]
        .as_str()
        .with_context(|| format!("cargo metadata: `{key}` is no text in {object}"))?;
    Ok(value.to_owned())
}
