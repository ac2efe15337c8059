// A date and time as somebody types it, which is by the hall's clock wherever the browser stands.

export function hallMoment(typed) {
  const wanted = Date.parse(`${typed}Z`);
  let moment = wanted;
  // Twice: the first step may cross the hour at which the hall's clocks change.
  for (let step = 0; step < 2; step += 1) moment += wanted - wallClock(new Date(moment));
  return new Date(moment).toISOString();
}

function wallClock(moment) {
  const zone = document.body.dataset.zone;
  return Date.parse(`${moment.toLocaleString("sv-SE", { timeZone: zone }).replace(" ", "T")}Z`);
}
