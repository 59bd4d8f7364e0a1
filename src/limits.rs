//! This file owns every bound, with its unit and its reason. It knows none of the code it binds.

/// The longest request line in bytes, without its CR LF; longer is answered 414. RFC 9112 section 3
/// asks for 8,000 octets at least.
pub const REQUEST_LINE_MAX: usize = 8 * 1024;
/// The longest field section in bytes; longer is answered 431.
pub const FIELD_SECTION_MAX: usize = 16 * 1024;
/// The most fields of a request; more are answered 431. Browsers send about 20.
pub const FIELD_COUNT_MAX: usize = 100;
/// The most empty lines before a request line. RFC 9112 section 2.2 asks for one at least, for
/// clients that end a body with one too many.
pub const EMPTY_LINES_MAX: usize = 4;
/// The longest content of a request in bytes, chunk lines and trailers included: it is read and
/// dropped. More is answered 413.
pub const CONTENT_MAX: u64 = 64 * 1024;
/// The longest line between two chunks in bytes, so that extensions nobody reads cost little.
pub const CHUNK_LINE_MAX: usize = 1024;

/// How many bytes one receive takes from the kernel.
pub const RECEIVE_MAX: usize = 16 * 1024;
/// Up to this many bytes, content is copied beside its head; longer content is written from where
/// it lies. The copy costs less than a second buffer in the write, but only while it stays in the
/// first-level cache.
pub const COPY_MAX: usize = 8 * 1024;
/// From this many bytes on, content that stands in the executable's file is sent from there by the
/// system, which copies none of it. For less, to collect its pages takes longer than to copy them.
pub const SENDFILE_MIN: usize = 32 * 1024;
/// Answers are gathered until this many bytes wait to be written.
pub const TRANSMIT_HIGH: usize = 64 * 1024;
/// How many requests of one connection are answered before the others get their turn.
pub const ANSWERS_PER_TURN_MAX: usize = 16;
/// How many bytes of one answer are handed to the kernel before the others get their turn, so that
/// one fast reader of a large file cannot hold the loop.
pub const WRITE_TURN_MAX: usize = 4 * 1024 * 1024;

/// Up to this many bytes, a content is looked at right when it is needed first; a longer one is
/// looked at beside the loop, since others would wait for it.
pub const CHECK_AT_ONCE_MAX: u64 = 64 * 1024;
/// How many bytes of one content are looked at before the next one gets its turn.
pub const CHECK_PIECE: usize = 1024 * 1024;

/// From accept, or from the first byte of a later request, to the end of its head and content. It
/// is absolute: a byte now and then does not extend it.
pub const REQUEST_MS_MAX: u64 = 10_000;
/// Between an answer and the next request.
pub const IDLE_MS_MAX: u64 = 15_000;
/// The same, while more than [`CROWDED_PERCENT`] of the slots are taken.
pub const IDLE_CROWDED_MS_MAX: u64 = 2_000;
/// From here on idle connections are let go sooner.
pub const CROWDED_PERCENT: usize = 75;
/// Without a single byte being taken from us.
pub const SEND_MS_MAX: u64 = 15_000;
/// Shortest time between two scans for deadlines that have passed, in milliseconds: how late a
/// deadline may be noticed.
pub const SCAN_INTERVAL_MS: u64 = 1_000;
/// How long input is read and dropped after the last answer, so that the client reads the answer
/// before a reset can destroy it (RFC 9112 section 9.6).
pub const LINGER_MS_MAX: u64 = 2_000;
/// How many bytes are dropped that way.
pub const LINGER_MAX: u64 = 64 * 1024;
/// How long a stop waits for answers under way.
pub const STOP_MS_MAX: u64 = 10_000;

/// How much of a request's head is kept for the access log, in bytes.
pub const LOG_HEAD_MAX: usize = 4 * 1024;
/// The longest text of a client in a line of the access log, in bytes before they are escaped.
pub const LOG_TEXT_MAX: usize = 512;
/// What a worker writes down before it has to be handed over, in bytes.
pub const LOG_PENDING_MAX: usize = 256 * 1024;
/// What may wait to be written to stdout, in bytes.
pub const LOG_WAITING_MAX: usize = 4 * 1024 * 1024;
/// How often it is said that lines of the access log were dropped.
pub const LOG_COMPLAINT_MS: u64 = 5_000;
/// How long the end waits for somebody to read the rest of the access log.
pub const LOG_END_MS_MAX: u64 = 1_000;

/// How many bytes of ours a connection may take while it waits for a request; what the kernel takes
/// for a socket is several times as much.
pub const BYTES_PER_CONNECTION_MAX: usize = 256;

/// How many connections there may be unless the command line says otherwise.
pub const CONNECTIONS_MAX: usize = 10_000;
/// File descriptors, at least, that are not for connections: listeners, pollers, the standard
/// streams.
pub const DESCRIPTORS_RESERVED: usize = 16;
/// What the process needs of those whatever its workers: the standard streams, its first listeners,
/// the signals and its own file.
pub const DESCRIPTORS_OF_PROCESS: usize = 9;
/// What each worker needs of those: a poller with its notifier and timer, and two listeners.
pub const DESCRIPTORS_PER_WORKER: usize = 5;
/// How many connections one turn accepts before it serves those that it has.
pub const ACCEPTS_PER_TURN_MAX: usize = 64;
/// How long accepting rests when the system has no descriptor or memory left: the listener stays
/// readable meanwhile, and asking again at once would take a whole core.
pub const ACCEPT_PAUSE_MS: u64 = 200;
/// The shortest time between two lines about that.
pub const ACCEPT_COMPLAINT_MS: u64 = 5_000;
/// How many connections the kernel may hold ready for us.
pub const BACKLOG: i32 = 4096;
