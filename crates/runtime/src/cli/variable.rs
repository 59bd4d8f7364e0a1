//! Environment variables that set options, for messages.

use std::env;

/// The name of the variable that sets an option, if the command line does not.
pub(super) fn source(long: &str, short: Option<char>) -> Option<String> {
    let variable = format!("CHAPBOOK_{}", long.to_uppercase().replace('-', "_"));
    let arguments: Vec<String> =
        env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    let is_set = env::var_os(&variable).is_some();
    (is_set && !is_given(&arguments, long, short)).then_some(variable)
}

/// Whether the arguments have this option.
fn is_given(arguments: &[String], long: &str, short: Option<char>) -> bool {
    let mut options = arguments.iter().take_while(|it| *it != "--");
    options.any(|argument| match argument.strip_prefix("--") {
        Some(name) => name.split('=').next() == Some(long),
        // Options without values can precede it, as in `-qp80`.
        None => argument.strip_prefix('-').is_some_and(|letters| {
            let mut letters = letters.chars().take_while(char::is_ascii_alphabetic);
            short.is_some_and(|short| letters.any(|it| it == short))
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_found_in_each_of_its_forms() {
        let rows: &[(&[&str], bool)] = &[
            (&["--port", "80"], true),
            (&["--port=80"], true),
            (&["-p", "80"], true),
            (&["-p80"], true),
            (&["-qp", "80"], true),
            (&["--ports", "80"], false),
            (&["--", "-p"], false),
            (&["port", "p"], false),
            (&["-q"], false),
            (&[], false),
        ];
        for (arguments, expected) in rows {
            let arguments: Vec<String> = arguments.iter().map(|&it| it.to_owned()).collect();
            assert_eq!(is_given(&arguments, "port", Some('p')), *expected, "{arguments:?}");
        }
    }
}
