//! From text to a tree, by CEL's grammar.
//!
//! The `cel` crate's own parser takes 200 KiB of stack for each open bracket in a build without optimisation and brings
//! twelve crates along, so it serves as the judge in tests instead: what is understood here, it understands alike. What
//! CEL has and rules have not (maps, loops, regular expressions) is parsed as far as its name, to be refused by name.

mod token;

use super::limits;
use super::program::{Arithmetic, Order};
use super::refusal::{ExpressionError, Position, Problem};
use token::{Lexer, Token};

/// One part of an expression.
#[derive(Debug)]
pub struct Node {
    /// Where it begins; operators stand where their sign does.
    pub offset: usize,
    /// The longest way down to a leaf.
    height: usize,
    pub form: Form,
}

#[derive(Debug)]
pub enum Form {
    Flag(bool),
    /// None if it does not fit 64 bits.
    Whole(Option<i64>),
    Double(f64),
    Text(String),
    /// A name, or names joined by points.
    Name(String),
    List(Vec<Node>),
    Call {
        name: String,
        target: Option<Box<Node>>,
        arguments: Vec<Node>,
    },
    Not(Box<Node>),
    Negative(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Choice(Box<[Node; 3]>),
    Compare(Order, Box<[Node; 2]>),
    Calculate(Arithmetic, Box<[Node; 2]>),
    Remainder(Box<[Node; 2]>),
    In(Box<[Node; 2]>),
}

pub fn parse(text: &str) -> Result<Node, ExpressionError> {
    let parsed = check_text(text).and_then(|()| {
        let mut parser = Parser::new(text)?;
        let root = parser.expression()?;
        match parser.token {
            Token::End => Ok(root),
            _ => Err(parser.unexpected("an operator or the end")),
        }
    });
    parsed.map_err(|(offset, problem)| ExpressionError {
        at: Position::of(text, offset),
        problem,
    })
}

/// What is wrong at a byte.
type Fault = (usize, Problem);
type Parsed = Result<Node, Fault>;

fn check_text(text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err((0, Problem::Empty));
    }
    if limits::EXPRESSION_BYTES_MAX < text.len() {
        return Err((0, Problem::TooLong { bytes: text.len() }));
    }
    let is_fit = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    match text.bytes().position(|byte| !is_fit(byte)) {
        Some(offset) => Err((offset, Problem::NotAscii)),
        None => Ok(()),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The token that is next, and where it begins.
    token: Token,
    offset: usize,
    tokens: usize,
    /// Expressions that are being read, one inside the other.
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Parser<'a>, Fault> {
        let mut parser = Parser {
            lexer: Lexer::new(text),
            token: Token::End,
            offset: 0,
            tokens: 0,
            depth: 0,
        };
        parser.advance()?;
        Ok(parser)
    }

    /// Takes the next token and reads the one behind it.
    fn advance(&mut self) -> Result<Token, Fault> {
        self.tokens += 1;
        let (offset, token) = self.lexer.next()?;
        if limits::TOKENS_MAX < self.tokens {
            return Err((offset, Problem::TooManyTokens));
        }
        self.offset = offset;
        Ok(std::mem::replace(&mut self.token, token))
    }

    /// Takes the sign if it is next.
    fn take(&mut self, sign: &str) -> Result<bool, Fault> {
        let is_next = matches!(self.token, Token::Sign(found) if found == sign);
        if is_next {
            self.advance()?;
        }
        Ok(is_next)
    }

    fn expect(&mut self, sign: &str, wanted: &'static str) -> Result<(), Fault> {
        if self.take(sign)? {
            Ok(())
        } else {
            Err(self.unexpected(wanted))
        }
    }

    fn unexpected(&self, wanted: &'static str) -> Fault {
        let found = self.token.to_string();
        (self.offset, Problem::Unexpected { found, wanted })
    }

    fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if limits::DEPTH_MAX < self.depth {
            return Err((self.offset, Problem::TooDeep));
        }
        let condition = self.any()?;
        let offset = self.offset;
        let node = if self.take("?")? {
            let yes = self.any()?;
            self.expect(":", "a colon and what else")?;
            let no = self.expression()?;
            let parts = [condition, yes, no];
            node(offset, height(&parts), Form::Choice(Box::new(parts)))?
        } else {
            condition
        };
        self.depth -= 1;
        Ok(node)
    }

    fn any(&mut self) -> Parsed {
        let offset = self.offset;
        let mut parts = vec![self.all()?];
        while self.take("||")? {
            parts.push(self.all()?);
        }
        joined(offset, parts, Form::Any)
    }

    fn all(&mut self) -> Parsed {
        let offset = self.offset;
        let mut parts = vec![self.relation()?];
        while self.take("&&")? {
            parts.push(self.relation()?);
        }
        joined(offset, parts, Form::All)
    }

    fn relation(&mut self) -> Parsed {
        let mut left = self.sum()?;
        loop {
            let offset = self.offset;
            let Some(make) = relation(&self.token) else {
                return Ok(left);
            };
            self.advance()?;
            let sides = [left, self.sum()?];
            left = node(offset, height(&sides), make(Box::new(sides)))?;
        }
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        loop {
            let offset = self.offset;
            let arithmetic = match self.token {
                Token::Sign("+") => Arithmetic::Add,
                Token::Sign("-") => Arithmetic::Subtract,
                _ => return Ok(left),
            };
            self.advance()?;
            let sides = [left, self.product()?];
            let form = |sides| Form::Calculate(arithmetic, sides);
            left = node(offset, height(&sides), form(Box::new(sides)))?;
        }
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.unary()?;
        loop {
            let offset = self.offset;
            let make: MakeOfTwo = match self.token {
                Token::Sign("*") => |sides| Form::Calculate(Arithmetic::Multiply, sides),
                Token::Sign("/") => |sides| Form::Calculate(Arithmetic::Divide, sides),
                Token::Sign("%") => Form::Remainder,
                _ => return Ok(left),
            };
            self.advance()?;
            let sides = [left, self.unary()?];
            left = node(offset, height(&sides), make(Box::new(sides)))?;
        }
    }

    /// Signs before a part. Two of a kind cancel each other, in CEL too.
    fn unary(&mut self) -> Parsed {
        let offset = self.offset;
        for (sign, make) in [
            ("!", Form::Not as fn(Box<Node>) -> Form),
            ("-", Form::Negative),
        ] {
            let mut count = 0_usize;
            while self.take(sign)? {
                count += 1;
            }
            if 0 < count {
                let inner = self.member()?;
                return match count % 2 {
                    0 => Ok(inner),
                    _ => node(offset, inner.height, make(Box::new(inner))),
                };
            }
        }
        self.member()
    }

    /// A part with points, calls or an index behind it.
    fn member(&mut self) -> Parsed {
        let mut subject = self.primary()?;
        loop {
            let offset = self.offset;
            if self.take(".")? {
                let Token::Name(word) = &self.token else {
                    return Err(self.unexpected("a name behind the point"));
                };
                let word = word.clone();
                self.advance()?;
                subject = self.member_of(subject, word, offset)?;
            } else if matches!(self.token, Token::Sign("[")) {
                let instead = "write a fact with a point: address.country";
                return Err((
                    offset,
                    Problem::NotOffered {
                        what: "an index",
                        instead,
                    },
                ));
            } else {
                return Ok(subject);
            }
        }
    }

    fn member_of(&mut self, subject: Node, word: String, offset: usize) -> Parsed {
        if self.take("(")? {
            let arguments = self.list(")")?;
            let below = height(&arguments).max(subject.height);
            let call = Form::Call {
                name: word,
                target: Some(Box::new(subject)),
                arguments,
            };
            return node(offset, below, call);
        }
        match subject.form {
            Form::Name(name) => node(subject.offset, 0, Form::Name(format!("{name}.{word}"))),
            _ => {
                let instead = "only facts have one: address.country";
                Err((
                    offset,
                    Problem::NotOffered {
                        what: "a point here",
                        instead,
                    },
                ))
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let offset = self.offset;
        let form = match self.advance()? {
            Token::Flag(value) => Form::Flag(value),
            Token::Whole(value) => Form::Whole(value),
            Token::Double(value) => Form::Double(value),
            Token::Text(value) => Form::Text(value),
            Token::Name(name) => {
                if self.take("(")? {
                    let arguments = self.list(")")?;
                    let below = height(&arguments);
                    let call = Form::Call {
                        name,
                        target: None,
                        arguments,
                    };
                    return node(offset, below, call);
                }
                Form::Name(name)
            }
            Token::Sign("(") => {
                let inner = self.expression()?;
                self.expect(")", "a closing bracket")?;
                return Ok(inner);
            }
            Token::Sign("[") => {
                let elements = self.list("]")?;
                return node(offset, height(&elements), Form::List(elements));
            }
            Token::Sign("{") => {
                let instead = "facts are numbers, texts and flags";
                return Err((
                    offset,
                    Problem::NotOffered {
                        what: "a map",
                        instead,
                    },
                ));
            }
            other => {
                let (found, wanted) = (other.to_string(), "a fact, a number or a text");
                return Err((offset, Problem::Unexpected { found, wanted }));
            }
        };
        node(offset, 0, form)
    }

    /// Parts up to the closing bracket. A list may end with a comma.
    fn list(&mut self, close: &'static str) -> Result<Vec<Node>, Fault> {
        let mut parts = Vec::new();
        while !self.take(close)? {
            parts.push(self.expression()?);
            let is_more = self.take(",")?;
            let may_close = !is_more || close == "]";
            if may_close && self.take(close)? {
                break;
            }
            if !is_more {
                return Err(self.unexpected("a comma or a closing bracket"));
            }
            if !may_close && matches!(self.token, Token::Sign(")")) {
                return Err(self.unexpected("one more argument"));
            }
        }
        Ok(parts)
    }
}

type MakeOfTwo = fn(Box<[Node; 2]>) -> Form;

fn relation(token: &Token) -> Option<MakeOfTwo> {
    Some(match token {
        Token::Sign("<") => |sides| Form::Compare(Order::Less, sides),
        Token::Sign("<=") => |sides| Form::Compare(Order::LessOrEqual, sides),
        Token::Sign("==") => |sides| Form::Compare(Order::Equal, sides),
        Token::Sign("!=") => |sides| Form::Compare(Order::NotEqual, sides),
        Token::Sign(">=") => |sides| Form::Compare(Order::GreaterOrEqual, sides),
        Token::Sign(">") => |sides| Form::Compare(Order::Greater, sides),
        Token::In => Form::In,
        _ => return None,
    })
}

fn joined(offset: usize, mut parts: Vec<Node>, make: fn(Vec<Node>) -> Form) -> Parsed {
    match parts.len() {
        1 => parts.pop().ok_or((offset, Problem::Empty)),
        _ => node(offset, height(&parts), make(parts)),
    }
}

fn height(parts: &[Node]) -> usize {
    parts.iter().map(|part| part.height).max().unwrap_or(0)
}

/// A part above others, of which the highest has this height.
fn node(offset: usize, below: usize, form: Form) -> Parsed {
    let height = below + 1;
    if limits::DEPTH_MAX < height {
        return Err((offset, Problem::TooDeep));
    }
    Ok(Node {
        offset,
        height,
        form,
    })
}
