//! What a connection does when its time is over, without a clock.

use chapbook::{
    http::{CloseReason, Connection, Context, DateField, NextAction, Transmit},
    limits::{
        IDLE_CROWDED_MS_MAX, IDLE_MS_MAX, LINGER_MAX, LINGER_MS_MAX, RECEIVE_MAX, REQUEST_MS_MAX,
        SEND_MS_MAX,
    },
    site::Site,
};

use crate::harness::parse_all;

/// A connection at a time that the test decides.
struct Visit {
    connection: Connection,
    site: Site,
    date: DateField,
    out: Transmit,
    now_ms: u64,
    idle_ms: u64,
    is_stopping: bool,
    said: Vec<u8>,
}

impl Visit {
    /// Accepted at the time 0.
    fn begin() -> Self {
        Self {
            connection: Connection::new(0),
            site: Site::embedded(),
            date: DateField::new(0),
            out: Transmit::default(),
            now_ms: 0,
            idle_ms: IDLE_MS_MAX,
            is_stopping: false,
            said: Vec::new(),
        }
    }

    fn around<'a>(&self, site: &'a Site, date: &'a DateField) -> Context<'a> {
        let Self { now_ms, idle_ms, is_stopping, .. } = *self;
        Context { site, date, now_ms, idle_ms, is_stopping, journal: None }
    }

    fn at(&mut self, now_ms: u64) -> &mut Self {
        self.now_ms = now_ms;
        self
    }

    fn receive(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let (site, date) = (self.site, self.date.clone());
        let around = self.around(&site, &date);
        self.connection.receive(bytes.as_ref(), around, &mut self.out);
        self.say()
    }

    fn expire(&mut self) -> &mut Self {
        let (site, date) = (self.site, self.date.clone());
        let around = self.around(&site, &date);
        self.connection.expire(around, &mut self.out);
        self.say()
    }

    /// The client takes everything.
    fn say(&mut self) -> &mut Self {
        let slices = self.out.slices();
        self.said.extend(slices.iter().flat_map(|slice| slice.iter()));
        self.out.clear();
        self
    }

    fn statuses(&self) -> Vec<u16> {
        let all = parse_all(&self.said, &[]).expect("whole answers");
        all.iter().map(|it| it.status).collect()
    }
}

const REQUEST: &str = "GET /book HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn a_head_has_its_time_from_accept_however_its_bytes_drip() {
    let mut visit = Visit::begin();
    assert_eq!(visit.connection.deadline_ms(), REQUEST_MS_MAX);
    for (at, byte) in REQUEST.bytes().take(20).enumerate() {
        visit.at(400 * at as u64).receive([byte]);
        assert_eq!(visit.connection.deadline_ms(), REQUEST_MS_MAX);
    }
    visit.at(REQUEST_MS_MAX).expire();
    assert_eq!(visit.statuses(), [408]);
    assert_eq!(visit.connection.next_action(), NextAction::ShutdownWrite);
}

#[test]
fn a_later_head_has_its_time_from_its_first_byte() {
    let mut visit = Visit::begin();
    visit.at(1_000).receive(REQUEST);
    assert_eq!(visit.connection.deadline_ms(), 1_000 + IDLE_MS_MAX);
    visit.at(5_000).receive("GET /bo");
    assert_eq!(visit.connection.deadline_ms(), 5_000 + REQUEST_MS_MAX);
    visit.at(9_000).receive("ok HTTP/1.1\r\nHost: a\r\n\r\nGET");
    assert_eq!(visit.connection.deadline_ms(), 9_000 + REQUEST_MS_MAX);
    visit.expire();
    assert_eq!(visit.statuses(), [200, 200, 408]);
}

#[test]
fn the_content_of_a_request_has_the_time_of_its_head() {
    let mut visit = Visit::begin();
    visit.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
    visit.at(8_000).receive("12345678");
    assert_eq!(visit.connection.deadline_ms(), REQUEST_MS_MAX);
    visit.at(REQUEST_MS_MAX).expire();
    assert_eq!(visit.statuses(), [408]);
}

#[test]
fn content_behind_another_answer_has_the_time_of_a_request_not_of_idleness() {
    let mut visit = Visit::begin();
    visit.idle_ms = IDLE_CROWDED_MS_MAX;
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1";
    visit.at(1_000).receive(format!("{REQUEST}{post}"));
    assert_eq!(visit.connection.deadline_ms(), 1_000 + REQUEST_MS_MAX);
}

#[test]
fn who_asks_nothing_is_let_go_without_a_word() {
    for (bytes, at) in [("", REQUEST_MS_MAX), ("\r\n", REQUEST_MS_MAX)] {
        let mut visit = Visit::begin();
        visit.receive(bytes).at(at).expire();
        assert!(visit.said.is_empty());
        assert_eq!(visit.connection.next_action(), NextAction::Close(CloseReason::Idle));
    }
    let mut visit = Visit::begin();
    visit.receive(REQUEST).at(IDLE_MS_MAX).expire();
    assert_eq!(visit.statuses(), [200]);
    assert_eq!(visit.connection.next_action(), NextAction::Close(CloseReason::Idle));
}

#[test]
fn a_crowd_shortens_the_time_between_requests() {
    let mut visit = Visit::begin();
    visit.idle_ms = IDLE_CROWDED_MS_MAX;
    visit.receive(REQUEST);
    assert_eq!(visit.connection.deadline_ms(), IDLE_CROWDED_MS_MAX);
}

#[test]
fn who_takes_nothing_is_left_and_who_takes_a_little_is_not() {
    let mut visit = Visit::begin();
    let (site, date) = (visit.site, visit.date.clone());
    let around = visit.around(&site, &date);
    visit.connection.receive(REQUEST.as_bytes(), around, &mut visit.out);
    visit.connection.keep(visit.out.rest(), 1_000);
    assert_eq!(visit.connection.next_action(), NextAction::Write);
    assert_eq!(visit.connection.deadline_ms(), 1_000 + SEND_MS_MAX);
    visit.connection.unsent().expect("it was kept").advance(10);
    visit.at(7_000);
    let around = visit.around(&site, &date);
    visit.connection.sent(around);
    assert_eq!(visit.connection.deadline_ms(), 7_000 + SEND_MS_MAX);
    visit.out.clear();
    visit.expire();
    assert_eq!(visit.connection.next_action(), NextAction::Close(CloseReason::ClientTakesNothing));
}

#[test]
fn lingering_ends_with_its_time_and_reads_no_more_than_its_share() {
    let mut visit = Visit::begin();
    visit.receive("BAD\r\n\r\n");
    assert_eq!(visit.statuses(), [400]);
    assert_eq!(visit.connection.next_action(), NextAction::ShutdownWrite);
    visit.connection.write_shut_down(3_000);
    assert_eq!(visit.connection.deadline_ms(), 3_000 + LINGER_MS_MAX);
    for _ in 0..=LINGER_MAX / 1024 {
        assert_eq!(visit.connection.next_action(), NextAction::Read);
        visit.receive([b'x'; 1024]);
    }
    assert_eq!(visit.connection.next_action(), NextAction::Wait);
    visit.at(3_000 + LINGER_MS_MAX).expire();
    assert_eq!(visit.statuses(), [400]);
    assert_eq!(visit.connection.next_action(), NextAction::Close(CloseReason::RequestRefused));
}

#[test]
fn a_close_lingers_where_more_may_lie_unread() {
    let last = "GET /book HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let post = |length: usize| {
        let content = "x".repeat(length);
        format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{content}{last}")
    };
    let short = post(10_000);
    let full = post(RECEIVE_MAX - (short.len() - 10_000));
    assert_eq!(full.len(), RECEIVE_MAX);
    for (bytes, demand) in
        [(short, NextAction::Close(CloseReason::ClientAsked)), (full, NextAction::Read)]
    {
        let mut visit = Visit::begin();
        visit.receive(bytes);
        assert_eq!(visit.statuses(), [405, 200]);
        assert_eq!(visit.connection.next_action(), NextAction::ShutdownWrite);
        visit.connection.write_shut_down(0);
        assert_eq!(visit.connection.next_action(), demand);
    }
}

#[test]
fn a_stop_makes_each_answer_the_last_on_its_connection() {
    let mut visit = Visit::begin();
    visit.is_stopping = true;
    visit.receive(REQUEST);
    let all = parse_all(&visit.said, &[]).expect("whole answers");
    assert_eq!(all[0].field("connection"), Some("close"));
    assert_eq!(visit.connection.next_action(), NextAction::ShutdownWrite);
    visit.connection.write_shut_down(0);
    assert_eq!(visit.connection.next_action(), NextAction::Close(CloseReason::Stopping));
}

#[test]
fn every_reason_to_close_has_a_word_and_a_sentence() {
    for reason in CloseReason::ALL {
        let (word, sentence) = (reason.word(), reason.explain());
        assert!(word.bytes().all(|it| it.is_ascii_lowercase() || it == b'-'), "{word}");
        assert!(sentence.ends_with('.') && sentence.split(' ').count() >= 4, "{sentence}");
        let same = CloseReason::ALL.iter().filter(|it| it.word() == word);
        assert_eq!(same.count(), 1, "{word}");
    }
}
