//! When a message that was not taken is tried again.

use ids::time::Span;
use store::outbox::Channel;

#[cfg(test)]
mod tests;

/// The pauses after each failed attempt of a signed webhook or a letter: three days in all.
pub const WEBHOOK_PAUSES: [Span; 10] = [
    Span::SECOND.times(5),
    Span::SECOND.times(30),
    Span::MINUTE.times(2),
    Span::MINUTE.times(10),
    Span::HOUR,
    Span::HOUR.times(3),
    Span::HOUR.times(8),
    Span::HOUR.times(16),
    Span::HOUR.times(20),
    Span::HOUR.times(24),
];

/// The pause after an address could not be taken away. That is tried until it is done.
pub const PARTING_PAUSE: Span = Span::MINUTE;

/// The pauses of a classic notification: five attempts at a regular interval.
pub const NOTIFICATION_PAUSES: [Span; 4] = [Span::MINUTE; 4];

/// How far a pause of a webhook may be shorter or longer, in thousandths, so that messages which failed together do
/// not come back together.
pub const JITTER_PER_MILLE: i64 = 200;

/// The pause after the failed attempt number `attempts` (1 is the first); none when it was the last.
///
/// `random` is any 32 bits; they decide the jitter.
pub fn pause_after(channel: Channel, attempts: u32, random: u32) -> Option<Span> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    match channel {
        Channel::Webhook | Channel::Mail => WEBHOOK_PAUSES
            .get(index)
            .map(|pause| jittered(*pause, random)),
        Channel::Notification => NOTIFICATION_PAUSES.get(index).copied(),
        Channel::Parting => Some(jittered(PARTING_PAUSE, random)),
    }
}

/// How long a message is held back whose target has more waiting than it takes: as long as it has waited, within
/// bounds, so that a growing queue is not looked through again and again.
pub fn hold_back(age: Span, random: u32) -> Span {
    jittered(age.clamp(HOLD_BACK_MIN, HOLD_BACK_MAX), random)
}

const HOLD_BACK_MIN: Span = Span::SECOND.times(5);
const HOLD_BACK_MAX: Span = Span::HOUR.times(6);

fn jittered(pause: Span, random: u32) -> Span {
    let steps = 2 * JITTER_PER_MILLE + 1;
    let per_mille = 1_000 - JITTER_PER_MILLE + i64::from(random) % steps;
    Span(pause.0 / 1_000 * per_mille)
}
