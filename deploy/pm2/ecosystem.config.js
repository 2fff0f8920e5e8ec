// For those who come from PM2: `pm2 start deploy/pm2/ecosystem.config.js`. systemd does the same and more (docs/deployment.md says why).
// Run `dagster instance migrate` and `temu-assets migrate` once before the first start and before each new version.
// TEMU_ASSETS: where the program's virtual environment is; TEMU_ASSETS_DATA: where .env, Dagster's home and the data are.
const path = require("node:path");

const programs = process.env.TEMU_ASSETS || "/opt/temu-assets/current/bin";
const data = process.env.TEMU_ASSETS_DATA || "/var/lib/temu-assets";
const workspace = path.join(__dirname, "..", "workspace.yaml");

/** A process of ours: name, program, arguments, MiB of memory it may take, milliseconds it has to end. */
function service(name, program, args, memory, patience) {
  return {
    name: `temu-assets-${name}`,
    script: path.join(programs, program),
    args,
    interpreter: "none",
    cwd: data,
    env: { DAGSTER_HOME: path.join(data, "dagster"), PYTHONUNBUFFERED: "1" },
    instances: 1,
    exec_mode: "fork",
    autorestart: true,
    restart_delay: 5000,
    max_memory_restart: `${memory}M`,
    // Only the process itself is asked to end: the code server then waits for its runs, which is longer than a run may take.
    treekill: false,
    kill_timeout: patience,
    time: true,
  };
}

module.exports = {
  apps: [
    // No memory limit for it: PM2 would end the runs with it.
    { ...service("code", "dagster", "api grpc -h 127.0.0.1 -p 4000 -m temu_assets.definitions --location-name temu_assets", 0, 3700000), max_memory_restart: undefined },
    service("daemon", "dagster-daemon", `run -w ${workspace}`, 1024, 90000),
    service("webserver", "dagster-webserver", `-h 127.0.0.1 -p 3000 -w ${workspace} --db-pool-max-overflow 5`, 1024, 30000),
    {
      ...service("alerts", "temu-assets", "alerts check", 1024, 30000),
      autorestart: false,
      cron_restart: "*/10 * * * *",
    },
  ],
};
