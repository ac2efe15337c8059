// What the node says: the screen whenever it is another, and a beat in between. Silence means that the node is not there.

const SILENCE = 25000;
const AGAIN = 1500;

export function listen(heard, lost) {
  let source = null, quiet = 0;
  const open = () => {
    source = new EventSource("/live");
    source.onmessage = (event) => { wait(); heard(JSON.parse(event.data)); };
    source.onerror = again;
    wait();
  };
  const again = () => {
    source.close();
    clearTimeout(quiet);
    lost();
    setTimeout(open, AGAIN);
  };
  const wait = () => {
    clearTimeout(quiet);
    quiet = setTimeout(again, SILENCE);
  };
  open();
}

// An order is one order however often it is sent: it bears an id, and the node knows it again.
export async function order(what, more = {}) {
  const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const body = JSON.stringify({ id, ...more });
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const answer = await fetch(what, { method: "POST", body, headers: { "Content-Type": "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch { await new Promise((later) => setTimeout(later, 700)); }
  }
  return null;
}
