//! Whom to believe (C2SP tlog-policy): the logs, the witnesses, and how many witnesses are enough.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::failure::{Failure, PolicyFailure, PolicyReason};
use crate::key::{Key, Kind};

const POLICY_BYTES_MAX: usize = 64 * 1024;
const NONE: &str = "none";

#[derive(Clone, Debug)]
pub struct Policy {
    logs: Vec<Key>,
    /// The keys of the logs as the policy spells them.
    pub spelled_logs: Vec<String>,
    witnesses: Vec<Witness>,
    groups: BTreeMap<String, Group>,
    /// The name of a witness or group, or `none`.
    quorum: String,
}

#[derive(Clone, Debug)]
pub struct Witness {
    /// What the policy calls it; its key may have another name.
    pub name: String,
    pub(crate) key: Key,
    /// Its key as the policy spells it.
    pub spelled: String,
    /// Where it takes checkpoints, if the policy says so. Nothing here goes there.
    pub url: Option<String>,
}

#[derive(Clone, Debug)]
struct Group {
    threshold: usize,
    members: Vec<String>,
}

impl Policy {
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if POLICY_BYTES_MAX < text.len() {
            return Err(Failure::Form {
                what: "the policy",
                reason: "has more than 64 KiB",
            });
        }
        let mut draft = Draft::default();
        for (index, line) in text.split('\n').enumerate() {
            let number = index + 1;
            let failed = |reason| Failure::Policy(PolicyFailure::Line { number, reason });
            draft.take(line).map_err(failed)?;
        }
        if draft.logs.is_empty() {
            return Err(Failure::Policy(PolicyFailure::NoLog));
        }
        Ok(Self {
            logs: draft.logs,
            spelled_logs: draft.spelled_logs,
            witnesses: draft.witnesses,
            groups: draft.groups,
            quorum: draft
                .quorum
                .ok_or(Failure::Policy(PolicyFailure::NoQuorum))?,
        })
    }

    pub fn quorum(&self) -> &str {
        &self.quorum
    }

    /// Whether these witnesses, by the names that the policy gives them, are enough.
    pub fn is_enough(&self, cosigned: &[&str]) -> bool {
        self.quorum == NONE || self.has_witnessed(&self.quorum, cosigned)
    }

    /// Whether a key, spelled `name+id+key`, is that of a log of this policy.
    pub fn believes(&self, log: &str) -> bool {
        let Some(key) = Key::parse(log) else {
            return false;
        };
        self.logs(&key.name).any(|known| known.is_same_key(&key))
    }

    pub(crate) fn logs(&self, origin: &str) -> impl Iterator<Item = &Key> {
        self.logs.iter().filter(move |log| log.name == origin)
    }

    /// Ids are short, so two keys may share one.
    pub(crate) fn logs_by_id(&self, id: [u8; 4]) -> impl Iterator<Item = &Key> {
        self.logs.iter().filter(move |log| log.id == id)
    }

    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Groups hold only what was defined before them, so this ends.
    fn has_witnessed(&self, name: &str, cosigned: &[&str]) -> bool {
        let Some(group) = self.groups.get(name) else {
            return cosigned.contains(&name);
        };
        let members = group.members.iter();
        group.threshold
            <= members
                .filter(|member| self.has_witnessed(member, cosigned))
                .count()
    }
}

/// A policy that is being read.
#[derive(Default)]
struct Draft {
    logs: Vec<Key>,
    spelled_logs: Vec<String>,
    witnesses: Vec<Witness>,
    groups: BTreeMap<String, Group>,
    quorum: Option<String>,
    /// Names that are in a group already.
    members: Vec<String>,
}

impl Draft {
    fn take(&mut self, line: &str) -> Result<(), PolicyReason> {
        let is_foreign = |byte: u8| byte.is_ascii_control() && byte != b'\t';
        if line.bytes().any(is_foreign) {
            return Err(PolicyReason::Character);
        }
        let words = line.split([' ', '\t']).filter(|word| !word.is_empty());
        let words: Vec<&str> = words.collect();
        match words[..] {
            [] => Ok(()),
            [word, ..] if word.starts_with('#') => Ok(()),
            ["log", key] | ["log", key, _] => self.add_log(key),
            ["witness", name, key] => self.add_witness(name, key, None),
            ["witness", name, key, url] => self.add_witness(name, key, Some(url)),
            ["group", name, threshold, ref members @ ..] => {
                self.add_group(name, threshold, members)
            }
            ["quorum", name] => self.set_quorum(name),
            _ => Err(PolicyReason::Word),
        }
    }

    fn add_log(&mut self, spelled: &str) -> Result<(), PolicyReason> {
        let key = parse_key(spelled, Kind::Log)?;
        self.logs.push(self.unused(key)?);
        self.spelled_logs.push(spelled.to_string());
        Ok(())
    }

    fn add_witness(
        &mut self,
        name: &str,
        key: &str,
        url: Option<&str>,
    ) -> Result<(), PolicyReason> {
        self.check_new(name)?;
        let spelled = key.to_string();
        let key = self.unused(parse_key(key, Kind::Witness)?)?;
        self.witnesses.push(Witness {
            name: name.to_string(),
            key,
            spelled,
            url: url.map(ToString::to_string),
        });
        Ok(())
    }

    fn add_group(
        &mut self,
        name: &str,
        threshold: &str,
        members: &[&str],
    ) -> Result<(), PolicyReason> {
        self.check_new(name)?;
        for member in members {
            if !self.is_defined(member) {
                return Err(PolicyReason::UnknownName);
            }
            if self.members.iter().any(|known| known == member) {
                return Err(PolicyReason::MemberTwice);
            }
            self.members.push(member.to_string());
        }
        let threshold = match threshold {
            "all" => members.len(),
            "any" => 1,
            number => crate::reading::decimal(number)
                .and_then(|number| usize::try_from(number).ok())
                .ok_or(PolicyReason::Threshold)?,
        };
        if threshold == 0 || members.len() < threshold {
            return Err(PolicyReason::Threshold);
        }
        let members = members.iter().map(|member| member.to_string()).collect();
        let group = Group { threshold, members };
        self.groups.insert(name.to_string(), group);
        Ok(())
    }

    fn set_quorum(&mut self, name: &str) -> Result<(), PolicyReason> {
        if name != NONE && !self.is_defined(name) {
            return Err(PolicyReason::UnknownName);
        }
        match self.quorum.replace(name.to_string()) {
            None => Ok(()),
            Some(_) => Err(PolicyReason::SecondQuorum),
        }
    }

    fn check_new(&self, name: &str) -> Result<(), PolicyReason> {
        if name == NONE {
            return Err(PolicyReason::Name);
        }
        if self.is_defined(name) {
            return Err(PolicyReason::DuplicateName);
        }
        Ok(())
    }

    fn is_defined(&self, name: &str) -> bool {
        self.groups.contains_key(name) || self.witnesses.iter().any(|witness| witness.name == name)
    }

    /// One key under two names would count twice.
    fn unused(&self, key: Key) -> Result<Key, PolicyReason> {
        let witnesses = self.witnesses.iter().map(|witness| &witness.key);
        let mut known = self.logs.iter().chain(witnesses);
        if known.any(|known| known.is_same_key(&key)) {
            return Err(PolicyReason::DuplicateKey);
        }
        Ok(key)
    }
}

fn parse_key(text: &str, kind: Kind) -> Result<Key, PolicyReason> {
    let key = Key::parse(text).ok_or(PolicyReason::Key)?;
    if key.kind == kind {
        Ok(key)
    } else {
        Err(PolicyReason::OtherKind)
    }
}
