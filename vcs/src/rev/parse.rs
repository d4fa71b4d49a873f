//! From a text to what it says.

use crate::rev::ast::{Call, Expr, FUNCTIONS, Moment, Narrowing, Place, Says, Subject};
use crate::rev::error::{ParseRevError, RevProblem};
use crate::rev::near::nearest;
use crate::rev::token::{Gap, Kind, Token, tokens};

#[cfg(test)]
mod tests;

/// Bytes in the longest revision.
const LEN_MAX: usize = 4096;
/// How deep brackets and signs may stand in each other.
const DEPTH_MAX: usize = 64;

const OPERAND: &str = "a seal, a timeline or a set";

/// What a text says.
///
/// ```
/// use selkie_vcs::{Says, parse_rev};
/// let parent = parse_rev("main-")?;
/// assert!(matches!(parent.says, Says::Back(_, 1)));
/// assert_eq!(parse_rev("main |").unwrap_err().place, 6..6);
/// # Ok::<(), selkie_vcs::ParseRevError>(())
/// ```
///
/// # Errors
///
/// What stands where it should not, and where.
pub fn parse_rev(text: &str) -> Result<Expr, ParseRevError> {
    if text.len() > LEN_MAX {
        return Err(ParseRevError { place: LEN_MAX..text.len(), problem: RevProblem::Long });
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len(), depth: 0 };
    let expr = parser.or()?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(parser.wanted("the end", token.place.clone())),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    fn or(&mut self) -> Result<Expr, ParseRevError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let place = self.here();
            return Err(ParseRevError { place, problem: RevProblem::Deep });
        }
        let first = self.narrow()?;
        let mut all = vec![first];
        while self.take(&Kind::Or) {
            all.push(self.narrow()?);
        }
        self.depth -= 1;
        let place = all[0].place.start..all[all.len() - 1].place.end;
        match all.len() {
            1 => Ok(all.swap_remove(0)),
            _ => Ok(Expr { place, says: Says::Or(all) }),
        }
    }

    fn narrow(&mut self) -> Result<Expr, ParseRevError> {
        let first = self.range()?;
        let mut more = Vec::new();
        loop {
            let by = match self.peek().map(|token| &token.kind) {
                Some(Kind::And) => Narrowing::And,
                Some(Kind::Tilde) => Narrowing::Without,
                _ => break,
            };
            self.at += 1;
            more.push((by, self.range()?));
        }
        let Some((_, last)) = more.last() else { return Ok(first) };
        let place = first.place.start..last.place.end;
        Ok(Expr { place, says: Says::Narrow(Box::new(first), more) })
    }

    /// An end that is left out is the place of this clone.
    fn range(&mut self) -> Result<Expr, ParseRevError> {
        let from = match self.peek().map(|token| &token.kind) {
            Some(Kind::Dots | Kind::MoreDots) => {
                let start = self.here().start;
                Expr { place: start..start, says: Says::Here }
            }
            _ => self.postfix()?,
        };
        let is_plain = match self.peek().map(|token| &token.kind) {
            Some(Kind::Dots) => true,
            Some(Kind::MoreDots) => false,
            _ => return Ok(from),
        };
        let dots = self.here();
        self.at += 1;
        let to = match self.peek().map(|token| &token.kind) {
            Some(Kind::Word(_) | Kind::Quoted(_) | Kind::At | Kind::Past(_) | Kind::Open) => {
                self.postfix()?
            }
            _ => Expr { place: dots.end..dots.end, says: Says::Here },
        };
        let place = from.place.start..to.place.end;
        let (from, to) = (Box::new(from), Box::new(to));
        Ok(Expr {
            place,
            says: if is_plain { Says::Range(from, to) } else { Says::Either(from, to) },
        })
    }

    fn postfix(&mut self) -> Result<Expr, ParseRevError> {
        let mut expr = self.primary()?;
        let mut depth = self.depth;
        while let Some(token) = self.peek().filter(|token| token.gap == Gap::Joined).cloned() {
            let start = expr.place.start;
            let says = match token.kind {
                Kind::Minus => {
                    self.at += 1;
                    back(expr, 1)
                }
                Kind::Plus => {
                    self.at += 1;
                    Says::Children(Box::new(expr))
                }
                Kind::Caret => {
                    self.at += 1;
                    match self.number()?.unwrap_or(1) {
                        1 => back(expr, 1),
                        nth => Says::Parent(Box::new(expr), nth),
                    }
                }
                Kind::Tilde => {
                    self.at += 1;
                    match self.number()? {
                        Some(steps) => back(expr, steps),
                        None if self.ends_an_operand() => back(expr, 1),
                        None => {
                            let place = token.place;
                            return Err(ParseRevError { place, problem: RevProblem::Tilde });
                        }
                    }
                }
                Kind::Past(moment) => {
                    self.at += 1;
                    past(expr, &moment, &token.place)?
                }
                _ => break,
            };
            // What is merged into one step back does not nest.
            depth += usize::from(!matches!(says, Says::Back(..)));
            if depth > DEPTH_MAX {
                return Err(ParseRevError { place: token.place, problem: RevProblem::Deep });
            }
            expr = Expr { place: start..self.tokens[self.at - 1].place.end, says };
        }
        Ok(expr)
    }

    /// Whether what follows can not be the right side of a difference.
    fn ends_an_operand(&self) -> bool {
        !self.peek().is_some_and(|token| {
            matches!(token.kind, Kind::Word(_) | Kind::Quoted(_) | Kind::At | Kind::Open)
        })
    }

    /// A number that follows a sign without a blank.
    fn number(&mut self) -> Result<Option<u32>, ParseRevError> {
        let Some(Token { place, kind: Kind::Word(word), gap: Gap::Joined }) = self.peek() else {
            return Ok(None);
        };
        if !word.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        let too_large = ParseRevError { place: place.clone(), problem: RevProblem::Number };
        let number = word.parse().or(Err(too_large))?;
        self.at += 1;
        Ok(Some(number))
    }

    fn primary(&mut self) -> Result<Expr, ParseRevError> {
        let place = self.here();
        let Some(token) = self.peek().cloned() else { return Err(self.wanted(OPERAND, place)) };
        self.at += 1;
        let says = match token.kind {
            Kind::Word(word) if self.opens_a_call() => return self.call(word, token.place),
            Kind::Word(word) | Kind::Quoted(word) => Says::Name(word),
            Kind::At => Says::Here,
            Kind::Past(moment) => Says::Past(Subject::Here, moment_of(&moment, &token.place)?),
            Kind::Open => return self.bracket(token.place),
            _ => {
                self.at -= 1;
                return Err(self.wanted(OPERAND, place));
            }
        };
        Ok(Expr { place: token.place, says })
    }

    fn opens_a_call(&self) -> bool {
        self.peek().is_some_and(|next| next.kind == Kind::Open && next.gap == Gap::Joined)
    }

    fn bracket(&mut self, open: Place) -> Result<Expr, ParseRevError> {
        let inner = self.or()?;
        let close = self.here();
        if !self.take(&Kind::Close) {
            return Err(self.unclosed(open, close));
        }
        Ok(Expr { place: open.start..close.end, says: inner.says })
    }

    fn call(&mut self, name: String, place: Place) -> Result<Expr, ParseRevError> {
        let open = self.here();
        self.at += 1;
        let Some((known, usage)) = usage(&name) else {
            let near = nearest(&name, FUNCTIONS.into_iter());
            return Err(ParseRevError { place, problem: RevProblem::Function { name, near } });
        };
        let mut arguments = Vec::new();
        if self.peek().is_some_and(|token| token.kind != Kind::Close) {
            arguments.push(self.or()?);
            while self.take(&Kind::Comma) {
                arguments.push(self.or()?);
            }
        }
        let close = self.here();
        if !self.take(&Kind::Close) {
            return Err(self.unclosed(open, close));
        }
        let place = place.start..close.end;
        let wrong = || ParseRevError {
            place: place.clone(),
            problem: RevProblem::Arguments { name: known, usage },
        };
        let call = call(known, arguments).ok_or_else(wrong)?;
        Ok(Expr { place, says: Says::Call(Box::new(call)) })
    }

    fn unclosed(&self, open: Place, here: Place) -> ParseRevError {
        match self.peek() {
            None => ParseRevError { place: open, problem: RevProblem::Open("bracket") },
            Some(_) => self.wanted("`)` or another operator", here),
        }
    }

    fn take(&mut self, kind: &Kind) -> bool {
        let is_next = self.peek().is_some_and(|token| token.kind == *kind);
        self.at += usize::from(is_next);
        is_next
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn here(&self) -> Place {
        self.peek().map_or(self.end..self.end, |token| token.place.clone())
    }

    fn wanted(&self, wanted: &'static str, place: Place) -> ParseRevError {
        let found = match self.peek().map(|token| &token.kind) {
            None => "the end".to_owned(),
            Some(Kind::Word(word) | Kind::Quoted(word)) => format!("'{word}'"),
            Some(Kind::Past(moment)) => format!("'@{{{moment}}}'"),
            Some(kind) => format!("'{}'", sign(kind)),
        };
        ParseRevError { place, problem: RevProblem::Wanted { wanted, found } }
    }
}

const fn sign(kind: &Kind) -> &'static str {
    match kind {
        Kind::Word(_) | Kind::Quoted(_) | Kind::Past(_) => "",
        Kind::At => "@",
        Kind::Dots => "..",
        Kind::MoreDots => "...",
        Kind::Minus => "-",
        Kind::Plus => "+",
        Kind::Caret => "^",
        Kind::Tilde => "~",
        Kind::Or => "|",
        Kind::And => "&",
        Kind::Open => "(",
        Kind::Close => ")",
        Kind::Comma => ",",
    }
}

/// Steps back from steps back are steps back.
fn back(expr: Expr, more: u32) -> Says {
    match expr.says {
        Says::Back(from, steps) => Says::Back(from, steps.saturating_add(more)),
        _ => Says::Back(Box::new(expr), more),
    }
}

fn past(of: Expr, moment: &str, place: &Place) -> Result<Says, ParseRevError> {
    let line = match of.says {
        Says::Name(name) => Subject::Timeline(name),
        Says::Here => Subject::Here,
        _ => {
            let found = format!("'@{{{moment}}}'");
            let wanted = "`@{...}` right behind `@` or the name of a timeline";
            let problem = RevProblem::Wanted { wanted, found };
            return Err(ParseRevError { place: place.clone(), problem });
        }
    };
    Ok(Says::Past(line, moment_of(moment, place)?))
}

fn moment_of(text: &str, place: &Place) -> Result<Moment, ParseRevError> {
    let is_count = (1..9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_count {
        return Ok(Moment::Date(text.to_owned()));
    }
    let too_large = ParseRevError { place: place.clone(), problem: RevProblem::Number };
    text.parse().map(Moment::Operations).or(Err(too_large))
}

/// How a function is written, and its name for as long as the program runs.
fn usage(name: &str) -> Option<(&'static str, &'static str)> {
    let at = FUNCTIONS.iter().position(|known| *known == name)?;
    let known = FUNCTIONS[at];
    Some((
        known,
        match known {
            "all" => "all()",
            "none" => "none()",
            "heads" => "heads(set)",
            "roots" => "roots(set)",
            "ancestors" => "ancestors(set)",
            "descendants" => "descendants(set)",
            "parents" => "parents(set)",
            "children" => "children(set)",
            "bases" => "bases(set, set)",
            "latest" => "latest(set, count)",
            "merges" => "merges()",
            "diverged" => "diverged()",
            "timelines" => "timelines()",
            "tags" => "tags()",
            "author" => "author(text)",
            "message" => "message(text)",
            "path" => "path(pattern)",
            "after" => "after(\"date\")",
            _ => "before(\"date\")",
        },
    ))
}

fn call(name: &str, arguments: Vec<Expr>) -> Option<Call> {
    let mut arguments = arguments.into_iter();
    let call = match name {
        "all" => Call::All,
        "none" => Call::None,
        "merges" => Call::Merges,
        "diverged" => Call::Diverged,
        "timelines" => Call::Timelines,
        "tags" => Call::Tags,
        _ => call_with(name, arguments.next()?, &mut arguments)?,
    };
    arguments.next().is_none().then_some(call)
}

fn call_with(name: &str, first: Expr, more: &mut impl Iterator<Item = Expr>) -> Option<Call> {
    let text = |expr: Expr| match expr.says {
        Says::Name(text) => Some(text),
        _ => None,
    };
    Some(match name {
        "heads" => Call::Heads(first),
        "roots" => Call::Roots(first),
        "ancestors" => Call::Ancestors(first),
        "descendants" => Call::Descendants(first),
        "parents" => Call::Parents(first),
        "children" => Call::Children(first),
        "bases" => Call::Bases(first, more.next()?),
        "latest" => Call::Latest(first, text(more.next()?)?.parse().ok()?),
        "author" => Call::Author(text(first)?),
        "message" => Call::Message(text(first)?),
        "path" => Call::Path(text(first)?),
        "after" => Call::After(text(first)?),
        "before" => Call::Before(text(first)?),
        _ => return None,
    })
}
