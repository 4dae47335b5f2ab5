//! Other GraphQL servers, asked in the same run.

use std::path::Path;
use std::sync::Arc;

use crate::load::post;
use crate::turns::Turn;

/// A server, and a folder of what it is asked: `article page.jsonl` has a body of a POST in
/// each line, and so the others, by their names in the table.
pub struct Other {
    address: String,
    path: String,
    asked: Vec<(String, Arc<Vec<String>>)>,
}

impl Other {
    /// At an address such as `http://127.0.0.1:3000/graphql`.
    pub fn new(url: &str, folder: &Path) -> Self {
        let rest = url.strip_prefix("http://").expect("the address starts with http://");
        let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
        let files = std::fs::read_dir(folder).expect("the folder is there");
        let asked = files
            .map(|file| {
                let file = file.expect("the folder is readable").path();
                let text = std::fs::read_to_string(&file).expect("its files are texts");
                let bodies = text.lines().map(str::to_owned).collect();
                let name = file.file_stem().expect("a file has a name");
                (name.to_string_lossy().into_owned(), Arc::new(bodies))
            })
            .collect();
        Self { address: address.into(), path: format!("/{path}"), asked }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("{}{}", self.address, self.path)
    }

    /// What it is asked by that name, if anything.
    pub fn turn(&self, name: &str) -> Option<Turn<'_>> {
        let (_, bodies) = self.asked.iter().find(|(known, _)| known == name)?;
        let (bodies, path) = (bodies.clone(), self.path.clone());
        let request =
            Arc::new(move |number: usize| post(&path, "", &bodies[number % bodies.len()]));
        Some(Turn { address: &self.address, child: None, request })
    }
}
