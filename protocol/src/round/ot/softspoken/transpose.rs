//! Transposition of 128 columns of bits to rows.

/// Transposes a 128 by 128 bit matrix in place: bit j of word i and bit i of word j change places.
fn square(m: &mut [u128; 128]) {
    let mut width = 64;
    let mut mask = u128::MAX >> 64;
    while width != 0 {
        // `base` runs over the words whose index has a zero at this bit.
        for high in (0..128).step_by(2 * width) {
            let (low, upper) = m[high..high + 2 * width].split_at_mut(width);
            for (a, b) in low.iter_mut().zip(upper) {
                let swap = ((*a >> width) ^ *b) & mask;
                *a ^= swap << width;
                *b ^= swap;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

/// Rows of a matrix of 128 columns of `blocks` blocks each, columns one after another; only the first `rows` rows.
pub(super) fn rows(columns: &[u8], blocks: usize, rows: usize) -> Vec<u128> {
    let mut out = Vec::with_capacity(rows.next_multiple_of(128));
    let mut square_bits = [0u128; 128];
    for block in 0..rows.div_ceil(128) {
        for (word, column) in square_bits.iter_mut().zip(columns.chunks_exact(blocks * 16)) {
            let bytes = column[block * 16..].first_chunk::<16>();
            *word = bytes.map_or(0, |b| u128::from_le_bytes(*b));
        }
        square(&mut square_bits);
        out.extend_from_slice(&square_bits);
    }
    out.truncate(rows);
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn rows_are_the_columns_read_across() {
        let blocks = 3;
        let columns: Vec<u8> = (0..128 * blocks * 16).map(|i| (i * i / 7 + i) as u8).collect();
        let rows = super::rows(&columns, blocks, 300);
        assert_eq!(rows.len(), 300);
        for (i, row) in rows.iter().enumerate() {
            for j in 0..128 {
                let expected = columns[j * blocks * 16 + i / 8] >> (i % 8) & 1;
                assert_eq!((row >> j & 1) as u8, expected, "row {i} column {j}");
            }
        }
    }
}
