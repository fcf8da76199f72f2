/* Opens the line to a plan before the page's script has been read, so that the server looks up the person and the plan
   meanwhile. A device without a copy of the plan also asks for all of it: y-websocket's "step 1" with nothing in hand.
   What the server says is kept until frontend/src/collaboration/early-line.ts takes the line over. */
(function () {
  var plan = document.currentScript.dataset;
  var url = new URL(plan.socket, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  var line = { said: [], asked: false };
  try {
    line.asked = !((localStorage.getItem("plans-on-this-device") || "").includes('"' + plan.copy + '"'));
  } catch (refused) { /* no list is kept: there may be a copy */ }
  try {
    line.socket = new WebSocket(url.href);
  } catch (refused) { return; /* the page says so when it fails there too */ }
  line.socket.binaryType = "arraybuffer";
  line.socket.onopen = line.socket.onmessage = line.socket.onclose = function (event) { line.said.push(event); };
  line.socket.addEventListener("open", function () {
    if (line.asked) line.socket.send(new Uint8Array([0, 0, 1, 0]));
  });
  window.earlyLine = line;
})();
