//! People of an office: their accounts, their commands, and a browser without scripts.

use crate::Node;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

/// The people of an office: name, roles, lists. The first one names the others.
pub const PEOPLE: [(&str, &[&str], &[&str]); 9] = [
    ("chief", &["security"], &[]),
    ("anna", &["reviewer", "second_reviewer"], &["suspect"]),
    ("ben", &["reviewer", "second_reviewer"], &["suspect"]),
    ("carla", &["approver"], &["suspect"]),
    ("olga", &["victim_support"], &["suspect"]),
    ("dora", &["data_protection"], &[]),
    ("vera", &["reviewer", "second_reviewer"], &["victim"]),
    ("stan", &["statistics"], &[]),
    ("otto", &["operator"], &[]),
];

pub fn passphrase(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(format!("{name}.pass"));
    fs::write(&path, format!("a long passphrase of {name}\n")).unwrap();
    path
}

/// A node whose people have accounts.
pub struct Office<'a> {
    pub node: &'a Node,
    folder: PathBuf,
}

impl<'a> Office<'a> {
    pub fn open(node: &'a Node, folder: &Path) -> Self {
        let office = Self { node, folder: folder.to_owned() };
        for (name, roles, lists) in PEOPLE {
            let new = passphrase(folder, name);
            let mut add = vec!["account", "add", name, "--new-passphrase-file", new.to_str().unwrap()];
            roles.iter().for_each(|role| add.extend(["--role", role]));
            lists.iter().for_each(|list| add.extend(["--list", list]));
            let done = if name == "chief" { node.run(&add) } else { office.run_as("chief", &add) };
            assert!(done.status.success(), "{name}: {done:?}");
        }
        office
    }

    /// An office whose people have accounts already.
    pub fn again(node: &'a Node, folder: &Path) -> Self {
        Self { node, folder: folder.to_owned() }
    }

    pub fn run_as(&self, name: &str, arguments: &[&str]) -> Output {
        let file = passphrase(&self.folder, name);
        self.node.run(&[arguments, &["--as", name, "--passphrase-file", file.to_str().unwrap()]].concat())
    }

    pub fn json_as(&self, name: &str, arguments: &[&str]) -> Value {
        let output = self.run_as(name, &[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{name} {arguments:?}: {output:?}");
        let printed = serde_json::from_slice(&output.stdout).unwrap();
        crate::schema::hold(&printed);
        printed
    }

    /// The pairs at a stage, as a person sees them in the terminal.
    pub fn pairs(&self, name: &str, stage: &str) -> Vec<Value> {
        let listed = self.json_as(name, &["review", "list", "--stage", stage, "--most", "1000"]);
        listed["pairs"].as_array().unwrap().clone()
    }

    /// Where the console says what it has to say of itself.
    pub fn console_log(&self) -> PathBuf {
        self.folder.join("console.log")
    }

    pub fn console(&self) -> Console {
        let mut command = self.node.command(&["console", "--listen", "127.0.0.1:0", "--json"]);
        let log = fs::File::create(self.console_log()).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let shown: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        let address = shown["address"].as_str().unwrap();
        let host = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Console { child, host }
    }
}

/// A running console.
pub struct Console {
    child: Child,
    pub host: String,
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub struct Answer {
    pub status: u16,
    head: String,
    pub text: String,
}

fn encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}

/// A browser of one person.
pub struct Browser<'a> {
    console: &'a Console,
    cookie: String,
    form: String,
}

impl Console {
    fn request(&self, method: &str, path: &str, cookie: &str, body: &str) -> Answer {
        let host = &self.host;
        let mut stream = TcpStream::connect(host).unwrap();
        let kind = "application/x-www-form-urlencoded";
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncookie: {cookie}\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, text) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), text: text.to_owned() }
    }

    pub fn log_in(&self, name: &str, passphrase: &str) -> Answer {
        let body = format!("name={}&passphrase={}", encoded(name), encoded(passphrase));
        self.request("POST", "/login", "", &body)
    }

    pub fn browser(&self, name: &str) -> Browser<'_> {
        let answer = self.log_in(name, &format!("a long passphrase of {name}"));
        assert_eq!(answer.status, 303, "{name}: {}", answer.head);
        let (_, rest) = answer.head.split_once("set-cookie: ").unwrap();
        let cookie = rest.split(';').next().unwrap().to_owned();
        let mut browser = Browser { console: self, cookie, form: String::new() };
        let page = browser.get("/status").text;
        let (_, rest) = page.split_once("name=\"form\" value=\"").unwrap();
        browser.form = rest[..64].to_owned();
        browser
    }
}

impl Browser<'_> {
    pub fn get(&self, path: &str) -> Answer {
        self.console.request("GET", path, &self.cookie, "")
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let fields = fields.iter().map(|(name, value)| format!("&{name}={}", encoded(value)));
        let body = format!("form={}{}", self.form, fields.collect::<String>());
        self.console.request("POST", path, &self.cookie, &body).status
    }

    pub fn judge(&self, page: &str, seen: &str) -> u16 {
        let note = ("note", "SECRETNOTE of a reviewer");
        self.post(&format!("{page}/judge"), &[("seen", seen), ("choice", "worth_asking.document"), note])
    }
}

pub fn page(pair: &Value) -> String {
    format!("/pair/{}-{}", pair["round"].as_str().unwrap(), pair["pair"].as_str().unwrap())
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

pub fn holds(folder: &Path, text: &str) -> Vec<PathBuf> {
    let within = |path: &PathBuf| fs::read(path).unwrap().windows(text.len()).any(|part| part == text.as_bytes());
    files(folder).into_iter().filter(within).collect()
}
