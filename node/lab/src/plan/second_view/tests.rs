use super::*;
use crate::evaluate::tests::{lists, policy};
use crate::synth::Plan;
use blindlink::encode::encode;

#[test]
fn a_second_view_errs_more_the_harder_it_is_and_is_the_same_every_time() {
    let (_, records, _) = lists(Plan::new(400, 0.0, 6));
    let policy = policy(400);
    let own = encode(&policy.encoding(), &records);
    let meets = |h: f64| {
        let mut rng = Rng::new(9);
        let views: Vec<Option<Record>> = records.iter().map(|record| second_view(record, h, &mut rng)).collect();
        let again = second_view(&records[0], h, &mut Rng::new(9)).unwrap();
        assert!(views[0].as_ref().unwrap() == &again && views.iter().flatten().count() > 390);
        let equal = views.iter().zip(&own).filter(|(view, own)| {
            let Some(view) = view else { return false };
            let other = &encode(&policy.encoding(), core::slice::from_ref(view))[0];
            other.tokens.iter().zip(&own.tokens).any(|(x, y)| x.iter().any(|token| y.contains(token)))
        });
        equal.count()
    };
    let (moderate, hard) = (meets(0.5), meets(1.0));
    assert!(400 > moderate && moderate > hard && hard > 200, "{moderate} {hard}");
}
