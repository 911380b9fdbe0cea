// Run by scripts/check-panel-contract for one dialect; see there.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const dialect = process.argv[2];
const contract = require(process.env.CONTRACT);
const fixture = path.join(__dirname, "..", "tests", "fixtures", "panel-requests.json");
const requests = JSON.parse(fs.readFileSync(fixture, "utf8"))[dialect];
const known = {};
const problems = [];

// The simulator answers as 3.3.2 did; 3.4 requires more here. Each must still occur, or it is to be taken out.
const NEWER = {
    "v3 GetInternalSquadsCommand answer": ["response.internalSquads.0.tags"],
    "v3 GetHostsCommand answer": ["response.0.internalSquads", "response.1.internalSquads"],
};
const metNewer = new Set();

function isNewer(what, issue) {
    const at = issue.path.join(".");
    if (!NEWER[what]?.includes(at) || !/^Invalid input: expected (array|object), received undefined$/.test(issue.message)) return false;
    metNewer.add(`${what} ${at}`);
    return true;
}

// "$name" as a whole value becomes the value itself (a number stays one), inside a path its text.
function fill(value) {
    if (Array.isArray(value)) return value.map(fill);
    if (value && typeof value === "object")
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
    if (typeof value !== "string") return value;
    if (value.startsWith("$") && value.slice(1) in known) return known[value.slice(1)];
    return value.replace(/\$([a-z]+)/g, (all, name) => (name in known ? known[name] : all));
}

// Fits the schema, and has no field the schema does not know (zod drops those silently).
function hold(what, schema, value, strict) {
    const result = schema.safeParse(value);
    if (!result.success) {
        const issues = result.error.issues.filter((issue) => !isNewer(what, issue));
        if (issues.length > 0) problems.push(`${what}: ${JSON.stringify(issues)}`);
        return;
    }
    if (!strict) return;
    for (const key of unknown(value, result.data, "")) problems.push(`${what}: the contract does not know ${key}`);
}

function unknown(value, parsed, at) {
    if (Array.isArray(value) && Array.isArray(parsed))
        return value.flatMap((inner, index) => unknown(inner, parsed[index], `${at}[${index}]`));
    if (!value || typeof value !== "object" || !parsed || typeof parsed !== "object") return [];
    return Object.entries(value).flatMap(([key, inner]) =>
        key in parsed ? unknown(inner, parsed[key], `${at}.${key}`) : [`${at}.${key}`],
    );
}

async function main() {
    let answers = 0;
    for (const request of requests) {
        const command = contract[request.command];
        const what = `${dialect} ${request.command}`;
        if (!command) {
            problems.push(`${what}: not in the contract`);
            continue;
        }
        const body = fill(request.body);
        const query = request.query;
        const url = new URL(fill(request.path), process.env.PANEL_URL);
        for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
        const method = command.endpointDetails?.REQUEST_METHOD?.toUpperCase();
        if (method && method !== request.method) problems.push(`${what}: the contract says ${method}`);
        const pattern = `^${command.TSQ_url.replace(/\/$/, "").replace(/:[a-zA-Z]+/g, "[^/]+")}$`;
        if (!new RegExp(pattern).test(url.pathname)) problems.push(`${what}: the contract says ${command.TSQ_url}`);
        const bodySchema = command.RequestBodySchema ?? command.RequestSchema;
        if (body !== undefined) {
            if (bodySchema) hold(`${what} request`, bodySchema, body, true);
            else problems.push(`${what}: the contract has no body`);
        }
        if (query && command.RequestQuerySchema) hold(`${what} query`, command.RequestQuerySchema, query, true);
        const response = await fetch(url, {
            method: request.method,
            headers: {
                Authorization: `Bearer ${process.env.PANEL_TOKEN}`,
                "X-Forwarded-For": "127.0.0.1",
                "X-Forwarded-Proto": "https",
                ...(body === undefined ? {} : { "Content-Type": "application/json" }),
            },
            body: body === undefined ? undefined : JSON.stringify(body),
        });
        const text = await response.text();
        if (response.status !== request.status) problems.push(`${what}: ${response.status} ${text}`);
        if (text === "") {
            if (command.ResponseSchema) problems.push(`${what}: the contract has an answer, the simulator none`);
            continue;
        }
        const answer = JSON.parse(text);
        if (command.ResponseSchema) {
            hold(`${what} answer`, command.ResponseSchema, answer, false);
            answers += 1;
        }
        if (request.command === "GetInternalSquadsCommand") known.squad = answer.response.internalSquads[0].uuid;
        if (request.command === "CreateUserCommand" && known.key === undefined) {
            known.key = dialect === "v2" ? answer.response.uuid : answer.response.id;
            known.id = answer.response.id;
        }
    }
    for (const [what, paths] of Object.entries(NEWER))
        for (const at of paths)
            if (what.startsWith(dialect) && !metNewer.has(`${what} ${at}`)) problems.push(`${what}: ${at} fits now`);
    console.log(`${dialect}: ${requests.length} requests and ${answers} answers held against the contract`);
    for (const problem of problems) console.error(problem);
    process.exitCode = problems.length === 0 ? 0 : 1;
}

main();
