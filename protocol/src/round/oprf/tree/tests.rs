//! What a dishonest side of the OPRF from trees can do: the attacks of section 13 of the design of suite 2, each mounted.

use super::*;
use crate::ids::RoundId;
use crate::plan::Plan;
use crate::policy::Slots;
use crate::policy::shape::{OutputMode, SegmentShape, Shape, ShapeFields, TableShape};
use crate::secret::Seed;
use crate::suite::SUITE_2;

const LATE: LateId = LateId::from_bytes([6; 32]);
const TO_KEYS: [u8; 32] = [5; 32];
const CHUNK: QueryChunk = QueryChunk { index: 0, first_bin: 0 };

fn round() -> Arc<RoundContext> {
    let shape = Shape::unchecked(ShapeFields {
        segments: vec![SegmentShape { bits: 40, alpha: 6, beta: -2, nu: 0 }],
        constant: -20,
        possible: 0,
        strong: None,
        tables: vec![TableShape { id: 3, slots: Slots::both(1) }],
        copies_requester: 1,
        copies_responder: 1,
        records_requester: 30,
        records_responder: 30,
        output: OutputMode::Mutual,
        ring_bits: 12,
    });
    Arc::new(RoundContext { plan: Plan::of_suite(&SUITE_2, shape).unwrap(), id: RoundId::from_bytes([4; 32]) })
}

fn random(byte: u8) -> Randomness {
    Randomness::new(&Seed::new([byte; 32]), &RoundId::from_bytes([4; 32]), &[0; 32], byte)
}

struct Both {
    client: TreeClient,
    server: Arc<dyn OprfServer>,
    delta: Zeroizing<Vec<u8>>,
    inputs: Vec<Input>,
}

fn server() -> TreeServer {
    TreeServer::new(round(), &random(2))
}

fn both() -> Both {
    let server = server();
    let (client, base) = TreeClient::new(round(), &random(1), &server.key(), &TO_KEYS).unwrap();
    let opened = server.opened(&base, &TO_KEYS).unwrap().unwrap();
    let inputs = (0..round().plan.bins).map(|i| Input::dummy([i as u8; 18])).collect();
    Both { client, server: opened, delta: Zeroizing::new(server.chooser.delta().to_vec()), inputs }
}

/// Delta's element in a tree.
fn element(delta: &[u8], tree: usize) -> u8 {
    (0..4).fold(0, |sum, b| sum | bit_of(delta, 4 * tree + b).unwrap_u8() << b)
}

const REFUSED: Error = Error::Peer(PeerFault::InconsistentOt { chunk: 0 });

/// V-OPRF-008: both sides agree at the input that was asked for in its bin, and nowhere else.
#[test]
fn a_bin_is_evaluated_at_its_input_only() {
    let Both { client, server, inputs, .. } = both();
    let query = client.blind(CHUNK, &inputs);
    assert_eq!(query.len(), (SUITE_2.layout.query)(round().plan.bins));
    assert!(server.evaluate_own(&LATE, &[(&inputs[0], &[0])]).is_err(), "no table before the query");
    assert_eq!(server.blind_evaluate(&LATE, CHUNK, &query).unwrap(), None);
    assert!(server.blind_evaluate(&LATE, CHUNK, &query).is_err(), "V-OPRF-009: one query a bin");
    let outputs = client.finalize(&LATE, CHUNK, &inputs, &query, &[]).unwrap();
    let bins: Vec<u32> = (0..round().plan.bins).collect();
    for input in &inputs[..5] {
        let own = server.evaluate_own(&LATE, &[(input, &bins)]).unwrap();
        for ((bin, own), output) in bins.iter().zip(&own).zip(&outputs) {
            assert_eq!(own == output, inputs[*bin as usize].as_bytes() == input.as_bytes(), "bin {bin}");
        }
    }
}

/// Attack 2: another word in a row, another hash of the inputs, another digest, columns of zeros, a wrong length.
#[test]
fn damaged_queries_are_refused() {
    let Both { client, server, inputs, .. } = both();
    let query = client.blind(CHUNK, &inputs);
    let matrix = query.len() - INPUT_BITS * HASH - HASH;
    for at in [0, 17, matrix / 2, matrix - 1, matrix, query.len() - 40, query.len() - 1] {
        let mut bad = query.clone();
        bad[at] ^= 1;
        assert_eq!(server.blind_evaluate(&LATE, CHUNK, &bad), Err(REFUSED), "byte {at}");
    }
    let mut zeros = query.clone();
    zeros[..matrix].fill(0);
    assert_eq!(server.blind_evaluate(&LATE, CHUNK, &zeros), Err(REFUSED));
    for wrong in [&query[1..], &[&query[..], &[0]].concat(), &[]] {
        let fault = PeerFault::Length { expected: query.len(), got: wrong.len() };
        assert_eq!(server.blind_evaluate(&LATE, CHUNK, wrong), Err(fault.into()));
    }
    assert_eq!(server.blind_evaluate(&LATE, CHUNK, &query), Ok(None), "nothing of the damage stays");
}

/// A query in which one symbol of all rows is not that of the input, with the answer that passes if Delta's element of its
/// tree is `guess`.
fn cheat(client: &TreeClient, inputs: &[Input], symbol: usize, error: u8, guess: u8) -> Vec<u8> {
    let blocks = blocks_of(inputs.len());
    let column = 16 * blocks;
    let x = client.input_columns(0, &client.trees.code_inputs(0, inputs), column);
    let mut message = vec![0; CODE_BITS * column];
    code::encode(&x, column, &mut message);
    let v = client.own_columns(0, column, &mut message);
    // The error in the first row of one symbol.
    let mut wrong = vec![0; TREE_LEVELS * column];
    (0..4).for_each(|a| wrong[a * column] = error >> a & 1);
    add(&mut message[symbol * TREE_LEVELS * column..][..TREE_LEVELS * column], &wrong);
    let check = client.trees.challenge(0, &message, blocks);
    x.chunks_exact(column).for_each(|x| message.extend_from_slice(&check.column(x)));
    // q has Delta times the error more than v + Delta C(x): answered for the guessed Delta.
    let hashed: Vec<u8> = wrong.chunks_exact(column).flat_map(|w| check.column(w)).collect();
    let (mut t, mut more) = (vec![0; 16 * HASH], vec![0; 4 * HASH]);
    let masks = core::array::from_fn(|b| (guess >> b & 1).wrapping_neg());
    code::scale(masks, &hashed, HASH, &mut t, &mut more);
    let planes = v.chunks_exact(column).take(CODE_BITS).enumerate().map(|(j, v)| {
        let mut plane = check.column(v);
        if j / TREE_LEVELS == symbol {
            add(&mut plane, &more[j % TREE_LEVELS * HASH..][..HASH]);
        }
        plane
    });
    message.extend_from_slice(&planes.fold(Labelled::new(labels::OPRF_COLUMNS), |h, p| h.part(&p)).finish());
    message
}

/// Attack 1: a row that is no word of the code passes only where the client has guessed Delta's element of the symbols that
/// are wrong: one of 16.
#[test]
fn a_wrong_symbol_passes_only_where_delta_is_guessed() {
    let Both { client, delta, inputs, .. } = both();
    for (symbol, error) in [(0, 1), (17, 9), (92, 15)] {
        let right = element(&delta, symbol);
        let passed: Vec<u8> = (0..16)
            .filter(|guess| {
                let Both { server, .. } = both();
                let query = cheat(&client, &inputs, symbol, error, *guess);
                let result = server.blind_evaluate(&LATE, CHUNK, &query);
                assert!(result == Ok(None) || result == Err(REFUSED));
                result.is_ok()
            })
            .collect();
        assert_eq!(passed, [right], "symbol {symbol}");
    }
}

/// Attack 3: another sum in a tree passes only where Delta's path does not take it.
#[test]
fn inconsistent_trees_of_queries_are_refused() {
    let server = server();
    let (_, base) = TreeClient::new(round(), &random(1), &server.key(), &TO_KEYS).unwrap();
    let open = |base: &[u8]| server.opened(base, &TO_KEYS).map(|_| ());
    assert_eq!(open(&base), Ok(()));
    let trees = CODE_BITS * 32;
    let mut passed = 0;
    for tree in 0..CODE_SYMBOLS {
        for branch in 0..2 {
            let mut bad = base.clone();
            bad[trees + 128 * tree + 16 * branch] ^= 1;
            let result = open(&bad);
            assert!(result == Ok(()) || result == Err(PeerFault::InconsistentTree.into()));
            passed += usize::from(result.is_ok());
        }
    }
    assert_eq!(passed, CODE_SYMBOLS, "of the two sums of a level the path takes one");
    let mut check = base.clone();
    check[trees + 127] ^= 1;
    assert_eq!(open(&check), Err(PeerFault::InconsistentTree.into()));
    let mut offer = base.clone();
    offer[..32].fill(0xff);
    assert_eq!(open(&offer), Err(PeerFault::BadElement { position: 0 }.into()));
    assert!(open(&base[..base.len() - 1]).is_err() && open(&[]).is_err());
}

/// Attack 5: a server that sets Delta to zero, or to zero but for one symbol. Its rows are then the same at every input; the
/// outputs are not, since the input goes in (V-OPRF-008), so that a row programmed under one guess opens for no other input.
#[test]
fn outputs_differ_by_input_whatever_delta_is() {
    let one_symbol = |symbol: usize| (0..47).map(|i| if i == symbol / 2 { 0x0f } else { 0 }).collect::<Vec<u8>>();
    for delta in [vec![0; 47], one_symbol(10)] {
        let Both { client, inputs, .. } = both();
        let rows = {
            let column = 16 * blocks_of(inputs.len());
            rows_of(&client.own_columns(0, column, &mut []), column, inputs.len())
        };
        let Both { client, .. } = both();
        // With Delta zero the rows of both sides are the same.
        let server =
            OpenedServer { trees: client.trees, delta: Zeroizing::new(delta), rows: vec![OnceLock::from(rows)] };
        let own = |input: &Input| server.evaluate_own(&LATE, &[(input, &[7])]).unwrap().remove(0);
        let all: Vec<OprfOutput> = inputs.iter().take(100).map(own).collect();
        assert!(all.iter().enumerate().all(|(i, a)| all[i + 1..].iter().all(|b| a != b)));
    }
}

/// Attack 6 (V-OPRF-008): the bin, and every bit of the row, change the output.
#[test]
fn outputs_depend_on_bin_input_and_all_of_the_row() {
    let key = output_key(&LATE);
    let (x, row) = ([1; 16], [5, 6, 7]);
    let honest = output(&key, 9, &x, &row);
    assert!(output(&key, 10, &x, &row) != honest);
    assert!(output(&key, 9, &[2; 16], &row) != honest);
    assert!(output(&output_key(&LateId::from_bytes([7; 32])), 9, &x, &row) != honest);
    for bit in 0..CODE_BITS {
        let mut other = row;
        other[bit / 128] ^= 1 << (bit % 128);
        assert!(output(&key, 9, &x, &other) != honest, "bit {bit}");
    }
}

/// The mask rows hide what the check reveals of the inputs: another list has other ones.
#[test]
fn mask_rows_depend_on_the_inputs() {
    let Both { client, inputs, .. } = both();
    let column = 16 * blocks_of(inputs.len());
    let masks = |inputs: &[Input]| {
        let x = client.input_columns(0, &client.trees.code_inputs(0, inputs), column);
        x.chunks_exact(column).flat_map(|x| x[column - 32..].to_vec()).collect::<Vec<u8>>()
    };
    let mut other = inputs.clone();
    other[3] = Input::dummy([99; 18]);
    let (a, b) = (masks(&inputs), masks(&other));
    assert_eq!(a, masks(&inputs));
    let different: u32 = a.iter().zip(&b).map(|(a, b)| (a ^ b).count_ones()).sum();
    assert!(f64::from(different) > 0.45 * 8.0 * a.len() as f64);
}

/// Attack 11 (V-OPRF-007): the challenge depends on the trees, the chain, the chunk and all columns, so that a client cannot
/// look for columns that fit a challenge which it knows.
#[test]
fn the_challenge_depends_on_all_before_it() {
    let Both { mut client, .. } = both();
    let mut matrix = vec![1; CODE_BITS * 48];
    let shown = |trees: &Trees, chunk: u32, matrix: &[u8]| trees.challenge(chunk, matrix, 3).column(&[9; 48]);
    let mut seen = vec![shown(&client.trees, 0, &matrix), shown(&client.trees, 1, &matrix)];
    *matrix.last_mut().unwrap() ^= 1;
    seen.push(shown(&client.trees, 0, &matrix));
    client.trees.digest[31] ^= 1;
    seen.push(shown(&client.trees, 0, &matrix));
    client.trees.beta[0] ^= 1;
    seen.push(shown(&client.trees, 0, &matrix));
    assert!(seen.iter().enumerate().all(|(i, a)| seen[i + 1..].iter().all(|b| a != b)));
}
