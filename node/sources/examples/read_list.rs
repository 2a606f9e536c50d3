//! Records a second that the readers read, on one core: `read_list FILE [TIMES]`.

use blindlink_sources::{Format, Reading, read};
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which file?")?;
    let times = arguments.next().map_or(Ok(5), |times| times.parse())?;
    let bytes = std::fs::read(&path)?;
    let mut rates = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        let source = read(bytes.as_slice(), Format::of(Path::new(&path)), &Reading::PERSON)?;
        let rows = source.records.len() + source.rejects.len();
        rates.push(f64::from(u32::try_from(rows)?) / begun.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    println!("{:.0} records a second (median of {times})", rates.get(times / 2).ok_or("not once?")?);
    Ok(())
}
