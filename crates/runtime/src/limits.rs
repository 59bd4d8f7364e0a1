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
/// for clients that send an extra line end after a body.
pub const EMPTY_LINES_MAX: usize = 4;
/// Longest body of a request in bytes, including chunk lines and trailers. It is read and dropped;
/// a longer one gets a 413.
pub const REQUEST_BODY_MAX: u64 = 64 * 1024;
/// Longest line between two chunks in bytes. Only extensions, which are ignored, make it long.
pub const CHUNK_LINE_MAX: usize = 1024;

/// Maximum number of sockets from a service manager (`LISTEN_FDS`). Units have a few.
pub const INHERITED_MAX: u32 = 1024;

/// Maximum number of bytes in a read.
pub const READ_MAX: usize = 16 * 1024;
/// Longest content in bytes that is copied after its head; longer content is written without a
/// copy. A copy costs less than a second buffer in the write, but only if it fits into the
/// first-level cache.
pub const COPY_MAX: usize = 8 * 1024;
/// Shortest content in bytes that the system sends from the file of the executable, without a copy.
/// For shorter content, finding the pages takes longer than copying them.
pub const SENDFILE_MIN: usize = 32 * 1024;
/// Bytes of output after which no further request of the connection is processed before they are
/// written.
pub const TRANSMIT_HIGH: usize = 64 * 1024;
/// Maximum number of responses to one connection in a turn.
pub const RESPONSES_PER_TURN_MAX: usize = 16;
/// Bytes that are written to one connection in a turn, so that a fast client and a large file do
/// not block the event loop.
pub const WRITE_TURN_MAX: usize = 4 * 1024 * 1024;
/// Bytes of content that are encrypted ahead for one connection. A client that reads slowly makes
/// the server keep that many.
pub const ENCRYPT_MAX: usize = 64 * 1024;
/// Bytes that are encrypted and written to one connection in a turn. This takes about 1 ms, or ten
/// times as long on a CPU without instructions for AES.
pub const ENCRYPT_TURN_MAX: usize = 1024 * 1024;
/// Maximum number of messages of TLS handshakes that a worker answers in a turn. A handshake has
/// two, or three if the client has to choose its key exchange again (RFC 8446 section 4.1.4); one
/// takes about 0.2 ms, the others less.
pub const HANDSHAKE_MESSAGES_PER_TURN_MAX: usize = 16;
/// Maximum number of bytes that a client sends in a TLS handshake; rustls keeps those of a message
/// until it is complete. Browsers send about 2 KiB.
pub const HANDSHAKE_BYTES_MAX: usize = 16 * 1024;
/// Maximum number of events of one wait.
pub const EVENTS_PER_WAIT_MAX: usize = 512;

/// Bytes of packed content that are hashed for one connection in a turn, once a response has begun.
/// This takes 0.1 ms, or 1 ms on a CPU without instructions for SHA-256.
pub const VERIFY_TURN_MAX: usize = 128 * 1024;

/// Milliseconds from accept, or from the first byte of a later request, to the end of its head and
/// body. It is absolute: single bytes do not extend it.
pub const REQUEST_MS_MAX: u64 = 10_000;
/// Milliseconds between a response and the next request.
pub const IDLE_MS_MAX: u64 = 15_000;
/// The same while more than [`CROWDED_PERCENT`] of the slots are in use.
pub const IDLE_CROWDED_MS_MAX: u64 = 2_000;
/// Percentage of slots in use above which idle connections are closed sooner.
pub const CROWDED_PERCENT: usize = 75;
/// Milliseconds for which output may be pending without a byte of it being accepted.
pub const WRITE_MS_MAX: u64 = 15_000;
/// Milliseconds for which input is read and dropped after the last response. Without that, a reset
/// could reach the client before it has read the response (RFC 9112 section 9.6).
pub const LINGER_MS_MAX: u64 = 2_000;
/// Bytes of input that are read and dropped that way. After these, the connection only waits.
pub const LINGER_MAX: u64 = 64 * 1024;
/// Minimum number of milliseconds between two scans for expired deadlines. A deadline is noticed at
/// most this late.
pub const SCAN_INTERVAL_MS: u64 = 1_000;
/// Maximum number of versions of a previewed folder of which responses are being sent. If there is
/// one more, the connections of the oldest are closed.
pub const GENERATIONS_MAX: usize = 5;
/// Milliseconds for which a new version of a previewed folder waits until the workers of the one
/// before it have stopped accepting. They do so in their next turn.
pub const DRAIN_WAIT_MS_MAX: u64 = 1_000;
/// Milliseconds for which a shutdown waits for responses in progress.
pub const STOP_MS_MAX: u64 = 10_000;

/// Bytes of a request head that are kept for the access log.
pub const LOG_HEAD_MAX: usize = 4 * 1024;
/// Longest text from a client in a line of the access log, in bytes before escaping.
pub const LOG_TEXT_MAX: usize = 512;
/// Bytes of heads that a worker queues before it hands them to the writer thread.
pub const LOG_PENDING_MAX: usize = 256 * 1024;
/// Number of records that a worker queues before it hands them to the writer thread.
pub const LOG_PENDING_RECORDS_MAX: usize = 4 * 1024;
/// Bytes of heads that may wait for the writer thread.
pub const LOG_WAITING_MAX: usize = 4 * 1024 * 1024;
/// Number of records that may wait for the writer thread.
pub const LOG_WAITING_RECORDS_MAX: usize = 64 * 1024;
/// Shortest time between two warnings about dropped lines of the access log, in milliseconds.
pub const LOG_WARNING_INTERVAL_MS: u64 = 5_000;
/// Milliseconds for which a shutdown waits until the rest of the access log is written.
pub const LOG_FINISH_MS_MAX: u64 = 1_000;

/// Maximum number of long files of a previewed folder that are open for responses whose content is
/// not read yet. A response that reads its content has a file of its own.
pub const OPENED_FILES_MAX: usize = 32;

/// Maximum number of long files of a previewed folder that are kept open, so that they can be
/// served while the folder is gone. Only on Unix, where an open file can be replaced and removed.
pub const KEPT_FILES_MAX: usize = if cfg!(unix) { 64 } else { 0 };

/// Memory of an idle connection in bytes. The kernel uses several times as much in addition.
pub const BYTES_PER_CONNECTION_MAX: usize = 256;

/// Memory of an idle connection with TLS in bytes, in addition to that.
pub const TLS_BYTES_PER_CONNECTION_MAX: usize = 8 * 1024;

/// Maximum number of workers that can be requested. Each takes a thread and
/// [`DESCRIPTORS_PER_WORKER`] file descriptors, and more than one per core only cost time.
pub const WORKERS_MAX: u64 = 1024;
/// Default maximum number of concurrent connections.
pub const CONNECTIONS_MAX: usize = 10_000;
/// Minimum number of file descriptors that are not available for connections: listeners, pollers,
/// the standard streams.
pub const DESCRIPTORS_RESERVED: usize = 16;
/// Number of file descriptors that the process needs without its workers: the standard streams, the
/// first listeners, the signal pipe and the file of the executable.
pub const DESCRIPTORS_OF_PROCESS: usize = 9;
/// Number of file descriptors that each worker needs: a poller with its notifier and timer, and two
/// listeners.
pub const DESCRIPTORS_PER_WORKER: usize = 5;
/// Maximum number of connections that are accepted in a turn, before existing ones are served.
pub const ACCEPTS_PER_TURN_MAX: usize = 64;
/// Milliseconds for which accepting pauses if the system has no descriptor or memory left. The
/// listener stays readable, so without a pause the worker would spin.
pub const ACCEPT_PAUSE_MS: u64 = 200;
/// Shortest time between two warnings about a failed accept, in milliseconds.
pub const ACCEPT_WARNING_INTERVAL_MS: u64 = 5_000;
/// Seconds for which Linux waits for the first bytes of a client before it reports a new connection
/// (`TCP_DEFER_ACCEPT`).
pub const DEFER_ACCEPT_S: i32 = 1;
/// Maximum number of connections that the kernel queues until they are accepted.
pub const BACKLOG: i32 = 4096;
/// Maximum number of attempts to find a port that is free in both IPv4 and IPv6, if any port will
/// do.
pub const LISTEN_ATTEMPTS_MAX: u32 = 16;
/// Lowest port that requires no privileges on most systems.
pub const PORT_UNPRIVILEGED_MIN: u16 = 1024;
