//! Deadlines of a connection, with the time set by the test.

use chapbook::{
    embedded_site,
    http::{CloseReason, Connection, Context, DateField, NextAction, Transmit},
    limits::{
        IDLE_CROWDED_MS_MAX, IDLE_MS_MAX, LINGER_MAX, LINGER_MS_MAX, READ_MAX, REQUEST_MS_MAX,
        WRITE_MS_MAX,
    },
    site::Site,
};

use crate::harness::parse_all;

type StaticContext<'a> = Context<'a, 'static>;

/// A connection and its context, at a time set by the test.
struct Timed {
    connection: Connection<'static>,
    site: Site<'static>,
    date: DateField,
    out: Transmit<'static>,
    now_ms: u64,
    idle_ms: u64,
    is_stopping: bool,
    sent: Vec<u8>,
}

impl Timed {
    /// A connection accepted at time 0.
    fn accepted() -> Self {
        let (site, date) = (embedded_site(), DateField::new(0));
        let (idle_ms, is_stopping) = (IDLE_MS_MAX, false);
        let cx = Context::new(&site, &date, 0);
        Self {
            connection: Connection::new(&cx),
            site,
            date,
            out: Transmit::default(),
            now_ms: 0,
            idle_ms,
            is_stopping,
            sent: Vec::new(),
        }
    }

    fn context<'a>(&self, site: &'a Site<'static>, date: &'a DateField) -> Context<'a, 'static> {
        let Self { now_ms, idle_ms, is_stopping, .. } = *self;
        Context { now_ms, idle_ms, is_stopping, ..Context::new(site, date, 0) }
    }

    /// Calls the connection at the current time.
    fn call(
        &mut self,
        call: impl FnOnce(&mut Connection<'static>, &mut StaticContext<'_>, &mut Transmit<'static>),
    ) -> &mut Self {
        let (site, date) = (self.site, self.date.clone());
        let mut cx = self.context(&site, &date);
        call(&mut self.connection, &mut cx, &mut self.out);
        self
    }

    fn at(&mut self, now_ms: u64) -> &mut Self {
        self.now_ms = now_ms;
        self
    }

    fn receive(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.call(|connection, cx, out| connection.read(bytes.as_ref(), cx, out)).deliver()
    }

    fn expire(&mut self) -> &mut Self {
        self.call(Connection::expire).deliver()
    }

    fn write_shut_down(&mut self) -> &mut Self {
        self.call(|connection, cx, _| connection.write_shut_down(cx))
    }

    /// Lets the client receive all output.
    fn deliver(&mut self) -> &mut Self {
        let slices = self.out.slices();
        self.sent.extend(slices.iter().flat_map(|slice| slice.iter()));
        self.out.clear();
        self
    }

    fn statuses(&self) -> Vec<u16> {
        let all = parse_all(&self.sent, &[]).expect("complete responses");
        all.iter().map(|it| it.status).collect()
    }
}

const REQUEST: &str = "GET /book HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn the_first_head_has_a_deadline_from_accept_however_slowly_it_arrives() {
    let mut timed = Timed::accepted();
    assert_eq!(timed.connection.deadline_ms(), REQUEST_MS_MAX);
    for (at, byte) in REQUEST.bytes().take(20).enumerate() {
        timed.at(400 * at as u64).receive([byte]);
        assert_eq!(timed.connection.deadline_ms(), REQUEST_MS_MAX);
    }
    timed.at(REQUEST_MS_MAX).expire();
    assert_eq!(timed.statuses(), [408]);
    assert_eq!(timed.connection.next_action(), NextAction::ShutdownWrite);
}

#[test]
fn a_later_head_has_a_deadline_from_its_first_byte() {
    let mut timed = Timed::accepted();
    timed.at(1_000).receive(REQUEST);
    assert_eq!(timed.connection.deadline_ms(), 1_000 + IDLE_MS_MAX);
    timed.at(5_000).receive("GET /bo");
    assert_eq!(timed.connection.deadline_ms(), 5_000 + REQUEST_MS_MAX);
    timed.at(9_000).receive("ok HTTP/1.1\r\nHost: a\r\n\r\nGET");
    assert_eq!(timed.connection.deadline_ms(), 9_000 + REQUEST_MS_MAX);
    timed.expire();
    assert_eq!(timed.statuses(), [200, 200, 408]);
}

#[test]
fn the_content_of_a_request_shares_the_deadline_of_its_head() {
    let mut timed = Timed::accepted();
    timed.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
    timed.at(8_000).receive("12345678");
    assert_eq!(timed.connection.deadline_ms(), REQUEST_MS_MAX);
    timed.at(REQUEST_MS_MAX).expire();
    assert_eq!(timed.statuses(), [408]);
}

#[test]
fn a_pipelined_request_with_unfinished_content_has_the_deadline_of_a_request() {
    let mut timed = Timed::accepted();
    timed.idle_ms = IDLE_CROWDED_MS_MAX;
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1";
    timed.at(1_000).receive(format!("{REQUEST}{post}"));
    assert_eq!(timed.connection.deadline_ms(), 1_000 + REQUEST_MS_MAX);
}

#[test]
fn an_idle_connection_is_closed_without_a_response() {
    for (bytes, at) in [("", REQUEST_MS_MAX), ("\r\n", REQUEST_MS_MAX)] {
        let mut timed = Timed::accepted();
        timed.receive(bytes).at(at).expire();
        assert!(timed.sent.is_empty());
        assert_eq!(timed.connection.next_action(), NextAction::Close(CloseReason::IdleTimeout));
    }
    let mut timed = Timed::accepted();
    timed.receive(REQUEST).at(IDLE_MS_MAX).expire();
    assert_eq!(timed.statuses(), [200]);
    assert_eq!(timed.connection.next_action(), NextAction::Close(CloseReason::IdleTimeout));
}

#[test]
fn the_idle_deadline_is_shorter_when_most_slots_are_taken() {
    let mut timed = Timed::accepted();
    timed.idle_ms = IDLE_CROWDED_MS_MAX;
    timed.receive(REQUEST);
    assert_eq!(timed.connection.deadline_ms(), IDLE_CROWDED_MS_MAX);
}

#[test]
fn the_write_deadline_restarts_with_each_byte_the_client_receives() {
    let mut timed = Timed::accepted();
    timed.at(1_000).call(|connection, cx, out| {
        connection.read(REQUEST.as_bytes(), cx, out);
        connection.keep_pending_output(out.rest(), cx);
        out.clear();
    });
    assert_eq!(timed.connection.next_action(), NextAction::Write);
    assert_eq!(timed.connection.deadline_ms(), 1_000 + WRITE_MS_MAX);
    timed.at(7_000).call(|connection, cx, _| {
        connection.pending_output().expect("output is pending").advance(10);
        connection.pending_output_written(cx);
    });
    assert_eq!(timed.connection.deadline_ms(), 7_000 + WRITE_MS_MAX);
    timed.expire();
    assert_eq!(timed.connection.next_action(), NextAction::Close(CloseReason::WriteTimeout));
}

#[test]
fn lingering_ends_at_its_deadline_and_reads_a_limited_number_of_bytes() {
    let mut timed = Timed::accepted();
    timed.receive("BAD\r\n\r\n");
    assert_eq!(timed.statuses(), [400]);
    assert_eq!(timed.connection.next_action(), NextAction::ShutdownWrite);
    timed.at(3_000).write_shut_down();
    assert_eq!(timed.connection.deadline_ms(), 3_000 + LINGER_MS_MAX);
    for _ in 0..=LINGER_MAX / 1024 {
        assert_eq!(timed.connection.next_action(), NextAction::Read);
        timed.receive([b'x'; 1024]);
    }
    assert_eq!(timed.connection.next_action(), NextAction::Wait);
    timed.at(3_000 + LINGER_MS_MAX).expire();
    assert_eq!(timed.statuses(), [400]);
    assert_eq!(timed.connection.next_action(), NextAction::Close(CloseReason::RequestRefused));
}

#[test]
fn a_close_lingers_if_input_may_be_unread() {
    let last = "GET /book HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let post = |length: usize| {
        let content = "x".repeat(length);
        format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{content}{last}")
    };
    let short = post(10_000);
    let full = post(READ_MAX - (short.len() - 10_000));
    assert_eq!(full.len(), READ_MAX);
    for (bytes, next_action) in
        [(short, NextAction::Close(CloseReason::ClientAsked)), (full, NextAction::Read)]
    {
        let mut timed = Timed::accepted();
        timed.receive(bytes);
        assert_eq!(timed.statuses(), [405, 200]);
        assert_eq!(timed.connection.next_action(), NextAction::ShutdownWrite);
        timed.write_shut_down();
        assert_eq!(timed.connection.next_action(), next_action);
    }
}

#[test]
fn at_shutdown_each_response_is_the_last_on_its_connection() {
    let mut timed = Timed::accepted();
    timed.is_stopping = true;
    timed.receive(REQUEST);
    let all = parse_all(&timed.sent, &[]).expect("complete responses");
    assert_eq!(all[0].field("connection"), Some("close"));
    assert_eq!(timed.connection.next_action(), NextAction::ShutdownWrite);
    timed.write_shut_down();
    assert_eq!(timed.connection.next_action(), NextAction::Close(CloseReason::Stopping));
}

#[test]
fn every_close_reason_has_a_unique_word() {
    for reason in CloseReason::ALL {
        let word = reason.as_str();
        assert!(word.bytes().all(|it| it.is_ascii_lowercase() || it == b'-'), "{word}");
        let same = CloseReason::ALL.iter().filter(|it| it.as_str() == word);
        assert_eq!(same.count(), 1, "{word}");
    }
}
