//! An outbox for tests in which nobody is told anything.

use ids::command::Sequence;
use ids::time::Timestamp;
use store::failure::Failure;
use store::outbox::{
    Attempt, GivenUp, Message, MessageId, NewMessage, Outbox, Queue, Recipient, Resend, Step,
    Stepped,
};
use store::port::Answer;

pub struct NoOutbox;

fn answer<T: Send + 'static>(value: T) -> Answer<'static, Result<T, Failure>> {
    Box::pin(std::future::ready(Ok(value)))
}

impl Outbox for NoOutbox {
    fn cursor(&self) -> Answer<'_, Result<Sequence, Failure>> {
        answer(Sequence(0))
    }

    fn enqueue(&self, _: Vec<NewMessage>, _: Step) -> Answer<'_, Result<Stepped, Failure>> {
        answer(Stepped::NotTaken)
    }

    fn enqueue_now(&self, _: NewMessage) -> Answer<'_, Result<MessageId, Failure>> {
        answer(MessageId(1))
    }

    fn due(&self, _: Queue, _: Timestamp, _: usize) -> Answer<'_, Result<Vec<Message>, Failure>> {
        answer(Vec::new())
    }

    fn record(&self, _: Vec<Attempt>) -> Answer<'_, Result<(), Failure>> {
        answer(())
    }

    fn messages(
        &self,
        _: Recipient,
        _: Option<MessageId>,
        _: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>> {
        answer(Vec::new())
    }

    fn letters_given_up(
        &self,
        _: Option<MessageId>,
        _: usize,
    ) -> Answer<'_, Result<Vec<GivenUp>, Failure>> {
        answer(Vec::new())
    }

    fn message(
        &self,
        _: Recipient,
        _: MessageId,
    ) -> Answer<'_, Result<Option<(Message, Vec<Attempt>)>, Failure>> {
        answer(None)
    }

    fn resend(
        &self,
        _: Recipient,
        _: MessageId,
        _: Resend,
        _: Timestamp,
    ) -> Answer<'_, Result<bool, Failure>> {
        panic!("nothing was sent, so nothing is sent again")
    }
}
