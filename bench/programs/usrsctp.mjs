// usrsctp (C), two endpoints in one process, one association, one way, packets handed over in memory.
//   node programs/usrsctp.mjs size=1200 [warm=S] [time=S]
import { spawn } from "node:child_process";
import { usrsctpProgram } from "./usrsctp/build.mjs";

const { path, missing } = await usrsctpProgram("memory");
if (path === undefined) console.log(JSON.stringify({ peer: "usrsctp", missing }));
else {
  const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
  child.on("close", (code) => {
    process.exitCode = code ?? 1;
  });
}
