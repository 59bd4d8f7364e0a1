//! Bounds of the server and of requests, with units and reasons. Bounds of the compiler and of the
//! payload format are in their crates.

/// Longest request line in bytes, without its CR LF; a longer one gets a 414. RFC 9112 section 3
/// requires 8,000 octets at least.
pub const REQUEST_LINE_MAX: usize = 8 * 1024;
/// Longest field section in bytes; a longer one gets a 431.
pub const FIELD_SECTION_MAX: usize = 16 * 1024;
/// Maximum number of fields of a request; more get a 431. Browsers send about 20.
pub const FIELD_COUNT_MAX: usize = 100;
/// Maximum number of empty lines before a request line. RFC 9112 section 2.2 requires one at least,
/// for clients that end a body with one too many.
pub const EMPTY_LINES_MAX: usize = 4;
/// Longest body of a request in bytes, with chunk lines and trailers: it is read and dropped. A
/// longer one gets a 413.
pub const CONTENT_MAX: u64 = 64 * 1024;
/// Longest line between two chunks in bytes: extensions are not used, and should cost little.
pub const CHUNK_LINE_MAX: usize = 1024;

/// Size of a read in bytes.
pub const READ_MAX: usize = 16 * 1024;
/// Longest content in bytes that is copied after its head; longer content is written from where it
/// is. The copy costs less than a second buffer in the write, but only while it stays in the
/// first-level cache.
pub const COPY_MAX: usize = 8 * 1024;
/// Shortest content in bytes that the system sends from the file of the executable, without a copy.
/// For less, finding its pages takes longer than copying them.
pub const SENDFILE_MIN: usize = 32 * 1024;
/// Bytes of output after which no further request is answered before they are written.
pub const TRANSMIT_HIGH: usize = 64 * 1024;
/// Maximum number of requests of one connection that are answered in a turn.
pub const RESPONSES_PER_TURN_MAX: usize = 16;
/// Bytes of one connection that are written in a turn, so that one fast reader of a large file
/// cannot hold the loop.
pub const WRITE_TURN_MAX: usize = 4 * 1024 * 1024;
/// Maximum number of events of one wait.
pub const EVENTS_PER_WAIT_MAX: usize = 512;

/// Longest content in bytes that is verified inline when it is first needed; a longer one is
/// verified beside the loop, since other connections would wait for it.
pub const CHECK_AT_ONCE_MAX: u64 = 64 * 1024;
/// Bytes of one content that are verified before the next one has its turn.
pub const CHECK_PIECE: usize = 1024 * 1024;

/// Milliseconds from accept, or from the first byte of a later request, to the end of its head and
/// body. It is absolute: single bytes do not extend it.
pub const REQUEST_MS_MAX: u64 = 10_000;
/// Milliseconds between a response and the next request.
pub const IDLE_MS_MAX: u64 = 15_000;
/// The same while more than [`CROWDED_PERCENT`] of the slots are in use.
pub const IDLE_CROWDED_MS_MAX: u64 = 2_000;
/// Percentage of slots in use above which idle connections are closed sooner.
pub const CROWDED_PERCENT: usize = 75;
/// Milliseconds without a byte of pending output taken.
pub const WRITE_MS_MAX: u64 = 15_000;
/// Milliseconds for which input is read and dropped after the last response, so that the client
/// reads it before a reset can destroy it (RFC 9112 section 9.6).
pub const LINGER_MS_MAX: u64 = 2_000;
/// Bytes of input that are dropped that way.
pub const LINGER_MAX: u64 = 64 * 1024;
/// Shortest time between two scans for deadlines that have passed, in milliseconds: how late a
/// deadline may be noticed.
pub const SCAN_INTERVAL_MS: u64 = 1_000;
/// Milliseconds for which a shutdown waits for responses under way.
pub const STOP_MS_MAX: u64 = 10_000;

/// Bytes of a request's head that are kept for the access log.
pub const LOG_HEAD_MAX: usize = 4 * 1024;
/// Longest text of a client in a line of the access log, in bytes before escaping.
pub const LOG_TEXT_MAX: usize = 512;
/// Bytes of heads that a worker keeps until they are handed over.
pub const LOG_PENDING_MAX: usize = 256 * 1024;
/// Number of records that a worker keeps until they are handed over.
pub const LOG_PENDING_RECORDS_MAX: usize = 4 * 1024;
/// Bytes of heads that may wait for the writer thread.
pub const LOG_WAITING_MAX: usize = 4 * 1024 * 1024;
/// Number of records that may wait for the writer thread.
pub const LOG_WAITING_RECORDS_MAX: usize = 64 * 1024;
/// Shortest time between two warnings about dropped lines of the access log, in milliseconds.
pub const LOG_WARNING_INTERVAL_MS: u64 = 5_000;
/// Milliseconds for which the end of the process waits for the rest of the access log to be read.
pub const LOG_FINISH_MS_MAX: u64 = 1_000;

/// Memory of a connection that waits for a request, in bytes, without the kernel's, which is
/// several times as much.
pub const BYTES_PER_CONNECTION_MAX: usize = 256;

/// Default maximum number of concurrent connections.
pub const CONNECTIONS_MAX: usize = 10_000;
/// Minimum number of file descriptors that are reserved for other things than connections:
/// listeners, pollers, the standard streams.
pub const DESCRIPTORS_RESERVED: usize = 16;
/// Number of those that the process needs whatever its workers: the standard streams, its first
/// listeners, the signal pipe and the executable's file.
pub const DESCRIPTORS_OF_PROCESS: usize = 9;
/// Number of those that each worker needs: a poller with its notifier and timer, and two listeners.
pub const DESCRIPTORS_PER_WORKER: usize = 5;
/// Maximum number of connections accepted in a turn, before those that exist are served.
pub const ACCEPTS_PER_TURN_MAX: usize = 64;
/// Milliseconds for which accepting pauses when the system has no descriptor or memory left: the
/// listener stays readable, and another accept at once would take a full core.
pub const ACCEPT_PAUSE_MS: u64 = 200;
/// Shortest time between two warnings about that, in milliseconds.
pub const ACCEPT_WARNING_INTERVAL_MS: u64 = 5_000;
/// Seconds for which Linux waits for the first bytes of a client before it reports the connection.
pub const DEFER_ACCEPT_S: i32 = 1;
/// Maximum number of connections that the kernel holds until they are accepted.
pub const BACKLOG: i32 = 4096;
/// How often a port that is free in IPv4 may turn out to be in use in IPv6, where any port will do.
pub const LISTEN_ATTEMPTS_MAX: u32 = 16;
/// Lowest port that needs no privileges on most systems.
pub const PORT_UNPRIVILEGED_MIN: u16 = 1024;
