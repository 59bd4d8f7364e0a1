//! Screen of a terminal after the output of a program: enough of ECMA-48 for what Chapbook prints.

/// The lines of a screen of this width, without trailing blanks. It is as high as needed.
pub(crate) fn screen(output: &str, columns: usize) -> String {
    let mut screen = Screen { columns, lines: vec![Vec::new()], row: 0, column: 0 };
    let mut characters = output.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => screen.escape(&mut characters),
            '\r' => screen.column = 0,
            '\n' => screen.line_feed(),
            '\u{7}' => {}
            _ => screen.print(character),
        }
    }
    let line = |it: &Vec<char>| it.iter().collect::<String>().trim_end().to_owned();
    let lines: Vec<String> = screen.lines.iter().map(line).collect();
    format!("{}\n", lines.join("\n").trim_end_matches('\n'))
}

struct Screen {
    columns: usize,
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Screen {
    fn line_feed(&mut self) {
        self.row += 1;
        if self.row == self.lines.len() {
            self.lines.push(Vec::new());
        }
    }

    fn print(&mut self, character: char) {
        if self.column == self.columns {
            self.line_feed();
            self.column = 0;
        }
        let line = &mut self.lines[self.row];
        if line.len() <= self.column {
            line.resize(self.column + 1, ' ');
        }
        line[self.column] = character;
        self.column += 1;
    }

    /// A control sequence: `ESC [`, parameters, and a letter. Styles are left out.
    fn escape(&mut self, characters: &mut std::str::Chars<'_>) {
        assert_eq!(characters.next(), Some('['), "only control sequences are known");
        let mut parameters = String::new();
        let last = loop {
            match characters.next() {
                Some(it) if it.is_ascii_alphabetic() => break it,
                Some(it) => parameters.push(it),
                None => return,
            }
        };
        let number: usize = parameters.parse().unwrap_or(0);
        match last {
            'A' => self.row = self.row.saturating_sub(number.max(1)),
            'B' => self.row = (self.row + number.max(1)).min(self.lines.len() - 1),
            'K' if number == 2 => self.lines[self.row].clear(),
            'K' => self.lines[self.row].truncate(self.column),
            'J' => {
                self.lines[self.row].truncate(self.column);
                self.lines.truncate(self.row + 1);
            }
            'm' | 'h' | 'l' => {}
            _ => panic!("an unknown control sequence: {parameters}{last}"),
        }
    }
}

#[test]
fn a_screen_wraps_lines_and_obeys_control_sequences() {
    let rows = [
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("abcdefgh", "abcde\nfgh\n"),
        ("abcde\r\nf", "abcde\nf\n"),
        ("wait\r\u{1b}[2Kdone\r\n", "done\n"),
        ("wait\r\u{1b}[Kok", "ok\n"),
        ("a\r\nb\r\u{1b}[1A\u{1b}[Jc", "c\n"),
        ("\u{1b}[1;31mred\u{1b}[0m", "red\n"),
    ];
    for (output, expected) in rows {
        assert_eq!(screen(output, 5), expected, "{output:?}");
    }
}
