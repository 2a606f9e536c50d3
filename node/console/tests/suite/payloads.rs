//! Texts that try to become part of a page. The test in a real browser uses them too.

use crate::office::Office;
use blindlink_console::{CaseNotice, ToldNotice};

/// Twenty texts that have broken pages, in several scripts.
pub(crate) const PAYLOADS: [&str; 20] = [
    "<script>alert(1)</script>",
    "</td><script src=//evil.example></script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x>",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ f.form }} {% include \"x\" %}",
    "]]><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "\u{202e}<script>alert(1)</script>",
    "محمد<script>alert(1)</script>",
    "王伟\"><script>alert(1)</script>",
    "Иванов</title><script>alert(1)</script>",
    "ሰላም<img src=x onerror=alert(1)>",
    "\u{0}<scr\u{0}ipt>alert(1)</scr\u{0}ipt>",
];

/// Puts texts from elsewhere wherever one can stand: in each field of the own record, in what the other authority sent, in the
/// names of fields, tables, agreements and peers, in codes of failures.
pub(crate) fn plant(office: &Office, texts: &[&str]) {
    let fields = ["given names", "family names", "birth date", "birth place", "document number", "phone", "note"];
    let texts = || texts.iter().map(|text| (*text).to_owned());
    let mut record: Vec<_> = texts().flat_map(|text| fields.map(|field| (field.to_owned(), text.clone()))).collect();
    record.extend(texts().map(|text| (text.clone(), text)));
    *office.node.record.lock().unwrap() = record;
    *office.node.foreign.lock().unwrap() = texts().collect();
    let told = |text: String, own| {
        let case = CaseNotice { case_reference: text.clone(), desk: text, handling: 1 };
        ToldNotice { own, time: 1_790_000_000, acknowledged: own, case: Some(case) }
    };
    *office.node.told.lock().unwrap() =
        texts().flat_map(|text| [told(text.clone(), true), told(text, false)]).collect();
}
