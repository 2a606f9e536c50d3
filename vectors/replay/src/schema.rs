//! JSON held against a JSON Schema.

use boon::{Compiler, Schemas, UrlLoader, ValidationError};
use serde_json::Value;
use std::error::Error;

/// Holds a value against the rules of the schema of this name.
///
/// # Errors
/// What is wrong with the rules, or the place of the value that they do not allow: the value itself may be long.
pub fn hold(value: &Value, name: &str, rules: Value) -> Result<(), String> {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.use_loader(Box::new(NothingElse));
    let bad = |error| format!("its schema `{name}`: {error}");
    compiler.add_resource(name, rules).map_err(bad)?;
    let rules = compiler.compile(name, &mut schemas).map_err(bad)?;
    let place = |error| format!("`{name}` does not allow what stands at {}", innermost(&error).instance_location);
    schemas.validate(value, rules).map_err(place)
}

/// A schema stands for itself: nothing that it names is fetched.
struct NothingElse;

impl UrlLoader for NothingElse {
    fn load(&self, url: &str) -> Result<Value, Box<dyn Error>> {
        Err(format!("it names another schema, `{url}`").into())
    }
}

/// The first error that has no other cause.
fn innermost<'e, 's, 'v>(error: &'e ValidationError<'s, 'v>) -> &'e ValidationError<'s, 'v> {
    error.causes.first().map_or(error, innermost)
}
