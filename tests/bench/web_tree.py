"""A front end in TypeScript that is large and tells little of tokens, for measuring."""

from __future__ import annotations

import random
from pathlib import Path

WORDS = (
    "account batch card cell column contact draft entry event field folder group image invoice item label layer leaf line list margin "
    "message metric module month node note offer order page panel part path payment period plan point price product profile query range "
    "record report result row rule scale schema section shape shop sort source stage stock store style table task template text time "
    "tree unit user value version view week wheel window year zone"
).split()

STORAGE = """\
const PREFIX = "{name}.";

export const Key = {{ Access: "access", Theme: "theme" }} as const;

export function write(key: string, value: unknown): void {{
  window.localStorage.setItem(PREFIX + key, JSON.stringify(value));
}}

export function read<T>(key: string): T | null {{
  const kept = window.localStorage.getItem(PREFIX + key);
  return kept === null ? null : (JSON.parse(kept) as T);
}}
"""

HTTP = """\
import axios from "axios";
import {{ Key, read }} from "./storage";

export const http = axios.create({{ baseURL: "/api/{name}" }});

http.interceptors.request.use((config) => {{
  const token = read<string>(Key.Access);
  if (token) config.headers.set("Authorization", `Bearer ${{token}}`);
  return config;
}});
"""

LOGIN = """\
import {{ useState }} from "react";
import {{ http }} from "./http";
import {{ Key, write }} from "./storage";

export function Login({{ onDone }}: {{ onDone: () => void }}) {{
  const [name, setName] = useState("");
  const submit = async () => {{
    const {{ data }} = await http.post<{{ access_token: string }}>("/login", {{ name }});
    write(Key.Access, data.access_token);
    onDone();
  }};
  return (
    <form onSubmit={{submit}}>
      <input value={{name}} onChange={{(event) => setName(event.target.value)}} />
    </form>
  );
}}
"""

FILES = {"storage.ts": STORAGE, "http.ts": HTTP, "Login.tsx": LOGIN}


def make(root: Path, files: int = 3_000, seed: int = 1) -> None:
    """Write ``files`` files under ``root``, a hundredth of them in features that log in and keep the token."""
    chance = random.Random(seed)
    features = max(1, files // 100 // len(FILES))
    for number in range(features):
        folder = root / "src" / "features" / f"{WORDS[number % len(WORDS)]}{number}"
        folder.mkdir(parents=True)
        for name, text in FILES.items():
            (folder / name).write_text(text.format(name=folder.name), encoding="utf-8")
    others = files - features * len(FILES)
    names = [f"{chance.choice(WORDS)}{chance.choice(WORDS).capitalize()}{number}" for number in range(others)]
    for number, name in enumerate(names):
        near = [names[chance.randrange(number % 40, others, 40)] for _ in range(chance.randrange(4))]
        path = root / "src" / WORDS[number % 40] / f"{name}.{'tsx' if number % 3 else 'ts'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(name, [one for one in dict.fromkeys(near) if one != name], chance, number % 3 > 0), encoding="utf-8")


def text_of(name: str, imports: list[str], chance: random.Random, component: bool) -> str:
    """A module of about 120 lines."""
    lines = [f'import {{ {one} }} from "./{one}";' for one in imports]
    fields = chance.sample(WORDS, 6)
    lines += [
        f"export interface {name.capitalize()}Shape {{",
        *(f"  {one}: {chance.choice(('string', 'number'))};" for one in fields),
        "}",
        "",
    ]
    lines += [function(chance, fields) for _ in range(chance.randrange(4, 9))]
    if component:
        lines.append(f'export function {name}(props: {name.capitalize()}Shape) {{\n  return (\n    <section className="{fields[0]}">')
        lines += [f"      <p title={{props.{one}.toString()}}>{{props.{one}}}</p>" for one in fields]
        lines.append("    </section>\n  );\n}")
    else:
        lines.append(f"export const {name} = {{ {', '.join(f'{one}: {chance.randrange(99)}' for one in fields)} }};")
    return "\n".join(lines) + "\n"


def function(chance: random.Random, fields: list[str]) -> str:
    """One function."""
    word, other = chance.choice(WORDS), chance.choice(fields)
    return f"""\
export function {word}By{other.capitalize()}(items: Record<string, number>[], limit = {chance.randrange(100)}): number[] {{
  const {word}: number[] = [];
  for (const item of items) {{
    const {other} = item["{other}"] ?? {chance.randrange(9)};
    if ({other} > limit && item.{fields[1]} !== undefined) {{
      {word}.push({other} * {chance.randrange(1, 9)});
    }} else {{
      console.debug(`no {word} for ${{{other}}}`);
    }}
  }}
  return {word}.map((one) => one + limit).filter((one) => one > {chance.randrange(50)});
}}
"""
