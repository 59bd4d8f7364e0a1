//! Writes the seeds of each target to the folder that `cargo fuzz` reads.

use std::{fs, io, path::Path};

use chapbook_oracle::TARGETS;

fn main() -> io::Result<()> {
    for target in TARGETS {
        let folder = Path::new("fuzz/corpus").join(target.name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
