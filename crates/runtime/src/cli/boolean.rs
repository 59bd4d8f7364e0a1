//! Values of variables for options that have no value.

/// Parses the variable of an option that has no value.
pub(super) fn boolean(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "t" | "y" => Ok(true),
        "0" | "false" | "no" | "off" | "f" | "n" | "" => Ok(false),
        _ => Err("give 1 or 0, true or false, yes or no, on or off"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boolean_is_a_common_word_or_digit() {
        for text in ["1", "true", "TRUE", "yes", "on", "On"] {
            assert_eq!(boolean(text), Ok(true), "{text}");
        }
        for text in ["0", "false", "No", "off", ""] {
            assert_eq!(boolean(text), Ok(false), "{text}");
        }
        for text in ["banana", "2", " ", "true "] {
            assert!(boolean(text).is_err(), "{text}");
        }
    }
}
