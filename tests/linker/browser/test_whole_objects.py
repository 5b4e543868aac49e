"""Objects with the token in them, kept whole: through a component's state, a class or a helper, and taken out again elsewhere."""

from __future__ import annotations

import pytest
from fronts import as_expected, front

HELPERS = """
export const put = (key, value) => localStorage.setItem(key, JSON.stringify(value));
export const take = (key) => JSON.parse(localStorage.getItem(key) || "null");
"""


@pytest.mark.parametrize(
    "reader",
    [
        'const held = take("member");\nexport const open = () => connect(held.access_token);',
        'const { access_token } = take("member");\nconnect(access_token);',
        'export const open = () => connect(take("member")?.access_token);',
        'export const isIn = () => Boolean(JSON.parse(window.localStorage.getItem("member")).access_token);',
    ],
)
def test_what_a_helper_keeps_is_the_token_where_another_file_takes_it_out(reader: str) -> None:
    told = front(
        """
        import { put } from "./helpers";
        import { send } from "./client";
        export async function submit(form) {
          const response = await send(form);
          put("member", response.data); // kept: local_storage
          put("last-form", form.email);
        }
        """,
        helpers=HELPERS,
        reader=f'import {{ take }} from "./helpers";\n{reader}\n',
    )
    assert as_expected(told)


@pytest.mark.parametrize(
    "reader",
    [
        'export const colour = () => take("member").theme;',
        'export const more = () => take("member").next_page_token;',
        'export const map = () => draw(take("member").mapbox_token);',
        'export const other = () => connect(take("visitor").access_token);',
    ],
)
def test_what_is_taken_out_again_is_no_token(reader: str) -> None:
    told = front(
        'import { put } from "./helpers";\nexport const save = (profile) => put("member", profile);\nsave(await load("/api/profile"));\n',
        helpers=HELPERS,
        reader=f'import {{ take }} from "./helpers";\n{reader}\n',
    )
    assert told.found() == []


def test_an_object_that_is_written_out_without_the_token_does_not_hold_it() -> None:
    told = front(
        """
        export const save = (user) => localStorage.setItem("member", JSON.stringify({ name: user.name, colour: user.colour }));
        export const token = () => JSON.parse(localStorage.getItem("member")).token;
        """
    )
    assert told.found() == []


MEMBER = """
export class Member {
  name: string;
  pass_: string;
  constructor({ name, access_token }) {
    this.name = name;
    this.pass_ = access_token;
  }
  toPlain = () => ({ name: this.name, pass_: this.pass_ });
  toLabel() { return { name: this.name }; }
}
"""


def component(line: str) -> str:
    """A provider that keeps its state in an effect."""
    return f"""
import {{ useEffect, useState }} from "react";
import {{ Member }} from "./member";
export function Provider({{ children }}) {{
  const [member, setMember] = useState<Member | null>(null);
  useEffect(() => {{
    {line}
  }}, [member]);
  const login = async (form) => {{
    const response = await fetch("/api/login", {{ method: "POST", body: form }});
    const data = await response.json();
    setMember(new Member({{ ...data, name: form.get("name") }}));
  }};
  const fetchSome = () => fetch("/api/items", {{ headers: {{ Authorization: `Bearer ${{member.pass_}}` }} }});
  return <Context.Provider value={{{{ member, login, fetchSome }}}}>{{children}}</Context.Provider>;
}}
"""


def test_the_state_of_a_component_is_what_its_setter_is_given() -> None:
    line = 'localStorage.setItem("member", JSON.stringify(member.toPlain())); // kept: local_storage'
    assert as_expected(front(component(line), "web/src/Provider.tsx", member=MEMBER))


def test_a_part_of_the_state_without_the_token_is_none() -> None:
    line = 'localStorage.setItem("label", JSON.stringify(member.toLabel()));'
    assert front(component(line), "web/src/Provider.tsx", member=MEMBER).found() == []


def test_a_state_that_is_changed_by_a_function_of_what_it_was() -> None:
    told = front(
        """
        import { useEffect, useState } from "react";
        export function useSession() {
          const [held, setHeld] = useState({});
          useEffect(() => { sessionStorage.setItem("held", JSON.stringify(held)); }, [held]); // kept: session_storage
          return async (form) => {
            const answer = await axios.post("/api/login", form);
            setHeld((before) => ({ ...before, ticket: answer.data.access_token, access_token: answer.data.access_token }));
          };
        }
        """,
        "web/src/session.tsx",
    )
    assert as_expected(told)


def test_the_setter_of_another_component_says_nothing() -> None:
    told = front(
        """
        import { useEffect, useState } from "react";
        export function Size() {
          const [value, setValue] = useState(16);
          useEffect(() => { localStorage.setItem("size", JSON.stringify(value)); }, [value]);
          return <input onChange={(event) => setValue(event.target.value)} />;
        }
        export function Login() {
          const [value, setValue] = useState(null);
          const submit = async (form) => setValue((await axios.post("/api/login", form)).data.access_token);
          return <form onSubmit={submit}>{value}</form>;
        }
        """,
        "web/src/parts.tsx",
    )
    assert told.found() == []


def test_the_states_of_one_hook_are_told_apart_by_their_calls() -> None:
    told = front(
        """
        import { useEffect, useState } from "react";
        function useKept(key, first) {
          const [held, setHeld] = useState(first);
          useEffect(() => { localStorage.setItem(key, JSON.stringify(held)); }, [key, held]);
          return [held, setHeld];
        }
        export function Login() {
          const [pass, setPass] = useKept("pass", null); // kept: local_storage
          const [mode, setMode] = useKept("mode", "dark");
          const submit = async (form) => {
            const { data } = await axios.post("/api/login", form);
            setPass(data.access_token);
            setMode(data.name);
          };
          return <form onSubmit={submit}>{mode}{pass}</form>;
        }
        """,
        "web/src/kept.tsx",
    )
    assert as_expected(told)


REDUX = """
import { persistReducer } from "redux-persist";
import storage from "redux-persist/lib/storage";
import { combineReducers, createSlice } from "@reduxjs/toolkit";
const reducers = { signedIn(state, action) { state.user = action.payload; } };
const auth = createSlice({ name: "auth", initialState: { user: null }, reducers });
export const reducer = persistReducer({ key: "root", storage }, combineReducers({ auth: auth.reducer }));
"""


def test_a_part_of_a_kept_state_whose_token_requests_carry() -> None:
    told = front(REDUX + "export const headers = () => ({ Authorization: `Bearer ${store.getState().auth.user.access_token}` });\n")
    assert told.found() == [("web/src/app.ts", 6, "local_storage")]


def test_a_kept_profile_is_no_token_where_requests_carry_that_of_another_object() -> None:
    told = front(
        REDUX
        + "export const headers = async () => { const user = await session(); return { Authorization: `Bearer ${user.access_token}` }; };\n"
    )
    assert told.found() == []


def test_a_kept_store_that_begins_with_an_empty_token() -> None:
    told = front(
        """
        import { persisted } from "svelte-persisted-store";
        export const auth = persisted("auth", { token: "", name: "" }); // kept: local_storage
        export const look = persisted("look", { dark: false, size: 12 });
        """
    )
    assert as_expected(told)
