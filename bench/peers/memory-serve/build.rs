//! Embeds the two sites of the benchmark, from the folder that `SITES` names.

fn main() {
    println!("cargo::rerun-if-env-changed=SITES");
    let sites = std::env::var("SITES").expect("SITES names a folder with `default` and `files`");
    let [default, files] = ["default", "files"].map(|name| format!("{sites}/{name}"));
    memory_serve::load_names_directories([("default", &default), ("files", &files)], true);
}
