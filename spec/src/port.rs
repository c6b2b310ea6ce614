//! Requests to the outside and streams of the console, by number.

/// A console stream, the first operand of `output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stream {
    /// Standard output.
    Out = 1,
    /// Standard error.
    Error = 2,
}

/// A request's status of success.
pub const STATUS_OK: i64 = 0;
/// Nothing more to read.
pub const STATUS_END: i64 = 1;
/// There is no such thing.
pub const STATUS_NOT_FOUND: i64 = 2;
/// The host refused.
pub const STATUS_DENIED: i64 = 3;
/// No flag of the run permits it.
pub const STATUS_NOT_PERMITTED: i64 = 4;
/// Not UTF-8 where text was asked for.
pub const STATUS_NOT_TEXT: i64 = 5;
/// Any other failure of the host; the reply is its message.
pub const STATUS_FAILED: i64 = 6;
/// What the handle stood for is not there any more: the other side left, or the process is another one than that which
/// opened it.
pub const STATUS_LOST: i64 = 7;

/// What an HTTP message is between a program and the outside: some lines that depend on the request, one `name: value` for
/// each header, an empty line, and the body.
pub const MESSAGE_END: &[u8] = b"\n\n";

/// Stands before and behind the number of a sealed value, in place of its text: in a header, or in a text that is compared. No
/// header that comes over a wire can hold it.
pub const SEAL: u8 = 1;

macro_rules! requests {
    ($($(#[doc = $doc:literal])+ $number:literal $Name:ident $name:literal $permission:literal)*) => {
        /// What a program can ask of the outside.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u32)]
        pub enum Request { $($(#[doc = $doc])+ $Name = $number,)* }
        impl Request {
            /// Every request.
            pub const ALL: &'static [Request] = &[$(Request::$Name),*];
            /// The request with this number.
            pub fn from_number(number: u32) -> Option<Request> {
                match number { $($number => Some(Request::$Name),)* _ => None }
            }
            /// Its name.
            pub fn name(self) -> &'static str { match self { $(Request::$Name => $name),* } }
            /// The permission it needs, such as `read`; empty if it is granted by default.
            pub fn permission(self) -> &'static str { match self { $(Request::$Name => $permission),* } }
        }
    };
}

requests! {
    /// The next line of standard input without its end; `END` at the end. The argument is empty.
    1 ReadLine "console.read_line" ""
    /// All of standard input that is left.
    2 ReadAll "console.read_all" ""
    /// The program's arguments, each followed by a zero byte.
    3 Args "console.args" ""
    /// The environment variable named by the argument.
    4 Env "console.env" "env"
    /// A whole file, by path.
    5 ReadFile "fs.read" "read"
    /// The names in a directory, sorted, each followed by a zero byte.
    6 ListDirectory "fs.list" "read"
    /// `f` for a file, `d` for a directory; then its size in decimal.
    7 FileInfo "fs.info" "read"
    /// 1 if standard output is a terminal.
    8 IsTerminal "console.is_terminal" ""
    /// A save of the whole world at the end of this tick; the argument is its name. The reply is one byte: 0 saved,
    /// 1 resumed, 2 this run does not save.
    9 Savepoint "save.point" ""
    /// Makes a file of the bytes behind the first zero byte of the argument; before it is the path.
    10 WriteFile "fs.write" "write"
    /// The same, behind what the file holds already.
    11 AppendFile "fs.append" "write"
    /// Listens for HTTP at the address in the argument's first line, `host:port`; port 0 is any that is free. Further lines
    /// name headers whose values arrive sealed. The reply is the address with its port.
    12 HttpListen "http.listen" "net"
    /// The next HTTP request at an address, as it stands in an [`HttpListen`](Self::HttpListen)'s argument; a listener that is
    /// not there, as in another process, is opened. The reply is a message whose first lines are the exchange, the method,
    /// the target and the peer's address.
    13 HttpNext "http.next" "net"
    /// Answers a request. The argument is a message whose first lines are the exchange and the status.
    14 HttpRespond "http.respond" ""
    /// Sends a request and waits for the answer. The argument is a message whose first lines are the method and the URL; the
    /// reply is one whose first line is the status.
    15 HttpSend "http.send" "net"
    /// Connects to `host:port`; the reply is a connection.
    16 TcpConnect "tcp.connect" "net"
    /// Listens at `host:port`; the reply is the address with its port.
    17 TcpListen "tcp.listen" "net"
    /// The next connection at an address; a listener that is not there is opened. The reply is the connection, a line's end,
    /// and the peer's address.
    18 TcpAccept "tcp.accept" "net"
    /// Some bytes that came over the connection in the argument, 64 KiB at most; `END` when the other side has ended.
    19 TcpRead "tcp.read" ""
    /// Writes what stands behind the argument's first line; in it is the connection.
    20 TcpWrite "tcp.write" ""
    /// Closes the connection in the argument.
    21 TcpClose "tcp.close" ""
    /// Seals the environment variable named by the argument; the reply is the number of the sealed value.
    22 SealEnv "sealed.env" "env"
    /// Whether the sealed value whose number is the argument's first line is the text behind that line. The reply is one byte, 0 or
    /// 1; `LOST` for a value that is not known here.
    23 SealedIs "sealed.is" ""
}
