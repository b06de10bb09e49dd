// The one way to the server: JSON there and back, and trouble in words.

export class Trouble extends Error {}

// `last` is said when the page is left.
export async function ask(path, given = {}, last = false) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(given),
      credentials: "same-origin",
      keepalive: last,
    });
  } catch {
    throw new Trouble("The server does not answer, and what you did last is not saved. Start it again and open the address that it prints.");
  }
  if (answer.status === 403) {
    throw new Trouble("The server was started anew. Open the address that it printed.");
  }
  const told = await answer.json();
  if (!answer.ok) throw new Trouble(told.trouble);
  return told;
}
