/** A job that goes on whether somebody looks or not: its followers are a room. */
const STEPS = ["reading", "sorting", "compressing", "writing"];
const PACE = 120;
/** More are not begun. */
const MOST = 100;

export function create() {
  const jobs = new Map();

  function open({ io }) {
    const followers = io.of("/job");
    // #region
    followers.on("connection", (socket) => {
      socket.on("follow", (id) => {
        if (!Number.isInteger(id) || (jobs.size >= MOST && !jobs.has(id))) return;
        socket.join(`job:${id}`);
        const percent = jobs.get(id);
        if (percent === undefined) work(id);
        else socket.emit("progress", percent);
        if (percent === 100) socket.disconnect();
      });
    });

    function work(id) {
      const tell = followers.to(`job:${id}`);
      let percent = 0;
      const timer = setInterval(() => {
        if (percent % 25 === 0 && percent < 100) tell.emit("message", `${STEPS[percent / 25]}..`);
        jobs.set(id, ++percent);
        tell.emit("progress", percent);
        if (percent < 100) return;
        clearInterval(timer);
        tell.emit("message", "done");
        // Each of them sees "io server disconnect", and does not come back.
        followers.in(`job:${id}`).disconnectSockets();
        setTimeout(() => jobs.delete(id), 60_000).unref();
      }, PACE);
      timer.unref();
    }
    // #endregion
  }
  return { open };
}
