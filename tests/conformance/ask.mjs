// Sends a request as JSON; the answer's JSON.
export async function ask(url, request) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
    },
    body: JSON.stringify(request),
  });
  return response.json();
}
