//! What the id of a new client is good for: links from the answer that made it to everything that takes it.

use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

/// The operation that gives ids.
const MAKES: &str = "create_client";
/// The status of its answer.
const MADE: &str = "201";
/// The parameter that takes them.
const TAKES: &str = "client_id";

/// Adds the links.
pub fn add(document: &mut OpenApi) {
    let takers: Vec<String> = document
        .paths
        .paths
        .values()
        .flat_map(operations)
        .filter(|operation| takes_client(operation))
        .filter_map(|operation| operation.operation_id.clone())
        .collect();
    let makers = document.paths.paths.values_mut().filter_map(|path| path.post.as_mut());
    for maker in makers.filter(|operation| operation.operation_id.as_deref() == Some(MAKES)) {
        if let Some(RefOr::T(made)) = maker.responses.responses.get_mut(MADE) {
            for taker in &takers {
                let link = LinkBuilder::new().operation_id(taker).parameter(TAKES, "$response.body#/id");
                made.links.insert(taker.clone(), RefOr::T(link.build()));
            }
        }
    }
}

fn operations(path: &PathItem) -> impl Iterator<Item = &Operation> {
    [&path.get, &path.post, &path.delete].into_iter().flatten()
}

fn takes_client(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.name == TAKES && parameter.parameter_in == ParameterIn::Path,
        RefOr::Ref(_) => false,
    })
}
