//! Titles that generators and editors write into new projects. Sites of different authors have
//! them, so they name none.

/// The titles in lower case, with one space between words.
const TITLES: &[&str] = &[
    // Create React App, also as the short name in the manifest.
    "react app",
    // create-vue, and Vite until 2.
    "vite app",
    // create-vite, whose templates combine these words.
    "vite + js",
    "vite + ts",
    "vite + vue",
    "vite + vue + ts",
    "vite + react",
    "vite + react + ts",
    "vite + preact",
    "vite + preact + ts",
    "vite + lit",
    "vite + lit + ts",
    "vite + svelte",
    "vite + svelte + ts",
    "vite + solid",
    "vite + solid + ts",
    "vite + qwik",
    "vite + qwik + ts",
    // create-next-app.
    "create next app",
    // create-astro.
    "astro",
    "astro basics",
    // Ionic's starters.
    "ionic app",
    // html-webpack-plugin without a title.
    "webpack app",
    // Emmet, as in Visual Studio Code.
    "document",
    // The HTML file of JetBrains' editors.
    "title",
    // Dreamweaver.
    "untitled document",
    // Other editors.
    "untitled",
    "untitled page",
    // The first page in frameworks that have a title for each page, such as SvelteKit.
    "home",
    "home page",
    "homepage",
    "index",
    "welcome",
];

/// Whether a title is one that a generator or an editor writes.
#[must_use]
pub fn is_generated_title(title: &str) -> bool {
    let words: Vec<&str> = title.split_whitespace().collect();
    let title = words.join(" ").to_lowercase();
    TITLES.contains(&title.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_of_a_generator_is_recognized_as_a_whole() {
        let rows = [
            ("React App", true),
            ("Vite + React + TS", true),
            (" Untitled\n  Document ", true),
            ("index", true),
            ("HOME", true),
            ("My React App", false),
            ("Vite + React Demo", false),
            ("Documents", false),
            ("Home | Notes", false),
            ("", false),
        ];
        for (title, expected) in rows {
            assert_eq!(is_generated_title(title), expected, "{title}");
        }
        for title in TITLES {
            assert!(is_generated_title(title), "{title}");
        }
    }
}
