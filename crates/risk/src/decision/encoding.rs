//! The bytes of a decision, for its journal entry.

use super::values::{FACTS_MAX, FactValues, TEXT_BYTES_MAX, TEXTS_MAX};
use super::{
    Absence, Case, Cause, Challenger, Contribution, Cutoffs, Decision, Exploration, ModelScore,
    NotJudged, Policy, Record, Shadow, Unjudged, limits,
};
use crate::bytes::{DecodeError, Reader, Writer};
use crate::model::artifact::ModelHash;
use crate::model::panel::CHALLENGERS_MAX;
use crate::rule::program::{Source, Unknown};
use crate::rule_set::{read_action, write_action};
use crate::verdict::{Score, Verdict};

const FORMAT: u8 = 2;
/// Without what budgets allow.
const FIRST_FORMAT: u8 = 1;
const CAUSES_MAX: usize = limits::RULE_REASONS_MAX + limits::FACT_REASONS_MAX + 3;

impl Record {
    /// One form for each record, at most [`limits::RECORD_BYTES_MAX`] long.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.byte(FORMAT);
        write_case(&self.case, &mut out);
        write_facts(&self.facts, &mut out);
        out.number(self.rule_set_version);
        out.raw(&self.rule_set_hash);
        match self.answer {
            Ok(answer) => {
                out.byte(0);
                write_answer(answer, &mut out);
            }
            Err(absence) => {
                out.byte(1);
                out.byte(absence as u8);
            }
        }
        write_decision(&self.decision, &mut out);
        out.finish()
    }

    /// # Errors
    /// The bytes are not what `encode` writes.
    pub fn decode(bytes: &[u8]) -> Result<Record, DecodeError> {
        if limits::RECORD_BYTES_MAX < bytes.len() {
            return Err(DecodeError::Invalid("length"));
        }
        let mut reader = Reader::new(bytes);
        let format = reader.byte()?;
        if format != FORMAT && format != FIRST_FORMAT {
            return Err(DecodeError::UnknownFormat { found: format });
        }
        let record = Record {
            case: read_case(&mut reader)?,
            facts: read_facts(&mut reader)?,
            rule_set_version: reader.number()?,
            rule_set_hash: reader.array()?,
            answer: match reader.byte()? {
                0 => Ok(read_answer(&mut reader, format)?),
                1 => Err(read_absence(&mut reader)?),
                _ => return Err(DecodeError::Invalid("answer")),
            },
            decision: read_decision(&mut reader, format)?,
        };
        reader.finish()?;
        Ok(record)
    }
}

fn write_case(case: &Case, out: &mut Writer) {
    out.time(case.at);
    out.signed(case.amount_minor);
    out.number(case.draw);
    let policy = case.policy;
    let cutoffs = policy.cutoffs;
    for cutoff in [cutoffs.challenge, cutoffs.review, cutoffs.block] {
        out.optional(cutoff, write_score);
    }
    out.signed(i64::from(policy.appetite_basis_points));
    out.signed(policy.unjudged.small_minor_max);
    out.byte(policy.unjudged.small.code());
    out.byte(policy.unjudged.large.code());
    out.number(u64::from(policy.exploration.share_basis_points));
    out.signed(policy.exploration.each_minor_max);
    out.signed(policy.exploration.left_minor);
}

fn read_case(reader: &mut Reader<'_>) -> Result<Case, DecodeError> {
    Ok(Case {
        at: reader.time()?,
        amount_minor: reader.signed()?,
        draw: reader.number()?,
        policy: Policy {
            cutoffs: Cutoffs {
                challenge: reader.optional(read_score)?,
                review: reader.optional(read_score)?,
                block: reader.optional(read_score)?,
            },
            appetite_basis_points: i16::try_from(reader.signed()?)
                .map_err(|_| DecodeError::Invalid("appetite"))?,
            unjudged: Unjudged {
                small_minor_max: reader.signed()?,
                small: read_verdict(reader)?,
                large: read_verdict(reader)?,
            },
            exploration: Exploration {
                share_basis_points: reader.small()?,
                each_minor_max: reader.signed()?,
                left_minor: reader.signed()?,
            },
        },
    })
}

/// A bit for each fact says whether its number is known; the known ones follow as they are in memory.
fn write_facts(facts: &FactValues, out: &mut Writer) {
    out.raw(&facts.schema);
    out.length(facts.numbers.len());
    for group in facts.numbers.chunks(8) {
        let bits = group.iter().enumerate();
        let byte = bits.fold(0, |byte, (bit, number)| {
            byte | u8::from(number.is_finite()) << bit
        });
        out.byte(byte);
    }
    for number in facts.numbers.iter().filter(|number| number.is_finite()) {
        out.raw(&number.to_bits().to_be_bytes());
    }
    out.length(facts.texts.len());
    for (index, text) in &facts.texts {
        out.number(u64::from(*index));
        out.text(text);
    }
}

fn read_facts(reader: &mut Reader<'_>) -> Result<FactValues, DecodeError> {
    let schema = reader.array()?;
    let count: usize = reader.small()?;
    if FACTS_MAX < count {
        return Err(DecodeError::Invalid("number of facts"));
    }
    let bits = reader.raw(count.div_ceil(8))?;
    let is_known = |index: usize| bits[index / 8] >> (index % 8) & 1 == 1;
    if (count..bits.len() * 8).any(is_known) {
        return Err(DecodeError::Invalid("bits behind the last fact"));
    }
    let mut numbers = Vec::with_capacity(count);
    for index in 0..count {
        let number = match is_known(index) {
            true => f32::from_bits(u32::from_be_bytes(reader.array()?)),
            false => f32::NAN,
        };
        if is_known(index) && !number.is_finite() {
            return Err(DecodeError::Invalid("number of a fact"));
        }
        numbers.push(number);
    }
    let texts = reader.list(TEXTS_MAX, |reader| {
        let index: u16 = reader.small()?;
        Ok((index, Box::from(reader.text(TEXT_BYTES_MAX)?)))
    })?;
    let are_placed = texts
        .last()
        .is_none_or(|(last, _)| usize::from(*last) < count);
    if !are_placed || !texts.is_sorted_by(|left, right| left.0 < right.0) {
        return Err(DecodeError::Invalid("order of texts"));
    }
    Ok(FactValues {
        schema,
        numbers,
        texts,
    })
}

fn write_decision(decision: &Decision, out: &mut Writer) {
    out.byte(decision.verdict.code());
    out.length(decision.causes.len());
    decision
        .causes
        .iter()
        .for_each(|cause| write_cause(*cause, out));
    out.length(decision.actions.len());
    decision
        .actions
        .iter()
        .for_each(|action| write_action(*action, out));
    out.length(decision.not_judged.len());
    for not_judged in &decision.not_judged {
        out.number(u64::from(not_judged.rule));
        write_unknown(not_judged.unknown, out);
    }
    out.number(u64::from(decision.not_judged_count));
    out.length(decision.shadows.len());
    for shadow in &decision.shadows {
        out.number(u64::from(shadow.rule));
        out.byte(shadow.verdict.code());
    }
    out.number(u64::from(decision.shadow_count));
    out.length(decision.challengers.len());
    for challenger in &decision.challengers {
        write_answer(challenger.answer, out);
        out.byte(challenger.verdict.code());
    }
    out.optional(decision.explored_weight_milli, |out, weight| {
        out.number(u64::from(weight))
    });
}

fn read_decision(reader: &mut Reader<'_>, format: u8) -> Result<Decision, DecodeError> {
    Ok(Decision {
        verdict: read_verdict(reader)?,
        causes: reader.list(CAUSES_MAX, read_cause)?,
        actions: reader.list(limits::ACTIONS_MAX, read_action)?,
        not_judged: reader.list(limits::NOT_JUDGED_MAX, |reader| {
            Ok(NotJudged {
                rule: reader.small()?,
                unknown: read_unknown(reader)?,
            })
        })?,
        not_judged_count: reader.small()?,
        shadows: reader.list(limits::SHADOWS_MAX, |reader| {
            Ok(Shadow {
                rule: reader.small()?,
                verdict: read_verdict(reader)?,
            })
        })?,
        shadow_count: reader.small()?,
        challengers: reader.list(CHALLENGERS_MAX, |reader| {
            Ok(Challenger {
                answer: read_answer(reader, format)?,
                verdict: read_verdict(reader)?,
            })
        })?,
        explored_weight_milli: reader.optional(Reader::small)?,
    })
}

fn write_cause(cause: Cause, out: &mut Writer) {
    match cause {
        Cause::Rule(place) => {
            out.byte(0);
            out.number(u64::from(place));
        }
        Cause::Model(verdict) => {
            out.byte(1);
            out.byte(verdict.code());
        }
        Cause::Fact(contribution) => {
            out.byte(2);
            out.number(u64::from(contribution.fact));
            out.signed(i64::from(contribution.milli));
        }
        Cause::Unjudged(absence) => {
            out.byte(3);
            out.byte(absence as u8);
        }
        Cause::Explored => out.byte(4),
        Cause::Clear => out.byte(5),
    }
}

fn read_cause(reader: &mut Reader<'_>) -> Result<Cause, DecodeError> {
    Ok(match reader.byte()? {
        0 => Cause::Rule(reader.small()?),
        1 => Cause::Model(read_verdict(reader)?),
        2 => Cause::Fact(Contribution {
            fact: reader.small()?,
            milli: i32::try_from(reader.signed()?)
                .map_err(|_| DecodeError::Invalid("contribution"))?,
        }),
        3 => Cause::Unjudged(read_absence(reader)?),
        4 => Cause::Explored,
        5 => Cause::Clear,
        _ => return Err(DecodeError::Invalid("cause")),
    })
}

fn write_unknown(unknown: Unknown, out: &mut Writer) {
    match unknown {
        Unknown::Value(Source::Fact(index)) => {
            out.byte(0);
            out.number(u64::from(index));
        }
        Unknown::Value(Source::Score) => out.byte(1),
        Unknown::Arithmetic => out.byte(2),
    }
}

fn read_unknown(reader: &mut Reader<'_>) -> Result<Unknown, DecodeError> {
    Ok(match reader.byte()? {
        0 => Unknown::Value(Source::Fact(reader.small()?)),
        1 => Unknown::Value(Source::Score),
        2 => Unknown::Arithmetic,
        _ => return Err(DecodeError::Invalid("unknown value")),
    })
}

fn write_answer(answer: ModelScore, out: &mut Writer) {
    out.raw(&answer.model.0);
    write_score(out, answer.score);
    out.optional(answer.at_most, |out, verdict| out.byte(verdict.code()));
}

fn read_answer(reader: &mut Reader<'_>, format: u8) -> Result<ModelScore, DecodeError> {
    Ok(ModelScore {
        model: ModelHash(reader.array()?),
        score: read_score(reader)?,
        at_most: match format {
            FIRST_FORMAT => None,
            _ => reader.optional(read_verdict)?,
        },
    })
}

fn write_score(out: &mut Writer, score: Score) {
    out.number(u64::from(score.basis_points()));
}

fn read_score(reader: &mut Reader<'_>) -> Result<Score, DecodeError> {
    Score::new(reader.small()?).map_err(|_| DecodeError::Invalid("score"))
}

fn read_verdict(reader: &mut Reader<'_>) -> Result<Verdict, DecodeError> {
    Verdict::from_code(reader.byte()?)
}

fn read_absence(reader: &mut Reader<'_>) -> Result<Absence, DecodeError> {
    let absence = Absence::ALL.get(usize::from(reader.byte()?)).copied();
    absence.ok_or(DecodeError::Invalid("absence"))
}
