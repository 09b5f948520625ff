"""What the demo says, in English and in Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

SHOWN = 300  # characters of the question that are repeated
SECTIONS = 24  # of a long answer

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")

ENGLISH = """This is a demo: a script answers, not a model. You asked: “{question}”

## What you are looking at

Every word here is stored before you see it. Close this tab, come back, and the answer is whole.

| Part | What it does | Where it lives |
| --- | --- | --- |
| Database | keeps every word | one file |
| Worker | talks to the model | a process of its own |
| Page | shows what is stored | your browser |

### A little code

```python
def fibonacci(n: int) -> int:
    # The n-th Fibonacci number, counted from 0.
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a

print([fibonacci(n) for n in range(10)])
```

### A formula

The sum of the first $n$ squares is

$$
\\sum_{k=1}^{n} k^2 = \\frac{n(n+1)(2n+1)}{6}
$$

### In Chinese

你好！这一段是中文：**先存再显示**，所以断线、关页面、重启都不会丢字。

1. Ask `fail` to see an error.
2. Ask `long` for a long answer, to try *Stop* and closing the tab.
3. When you are ready, connect a real model under **Settings, Connections**.
"""

CHINESE = """这是演示：回答来自脚本，而不是模型。你的问题是：“{question}”

## 你看到的是什么

这里的每个字都先存进数据库，然后才显示出来。关掉这个标签页再回来，回答仍然是完整的。

| 部分 | 作用 | 位置 |
| --- | --- | --- |
| 数据库 | 保存每一个字 | 一个文件 |
| 工作进程 | 与模型对话 | 独立的进程 |
| 页面 | 显示已保存的内容 | 你的浏览器 |

### 一小段代码

```python
def fibonacci(n: int) -> int:
    # 第 n 个斐波那契数，从 0 数起。
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a

print([fibonacci(n) for n in range(10)])
```

### 一个公式

前 $n$ 个平方数之和为

$$
\\sum_{k=1}^{n} k^2 = \\frac{n(n+1)(2n+1)}{6}
$$

### 接下来

1. 输入 `fail` 可以看到出错时的样子。
2. 输入 `long` 得到一个很长的回答，可以试试*停止*和关闭标签页。
3. 准备好之后，在 **设置 → 连接** 里接入真正的模型。
"""

ENGLISH_REASONING = (
    "The question is for the demo, so there is nothing to look up. "
    "I will show a heading, a table, some code, a formula and a line of Chinese, each once."
)
CHINESE_REASONING = "这是给演示的问题，不需要查任何资料。我会依次展示标题、表格、代码和公式。"
ENGLISH_SECTION = (
    "\n### Part {n}\n\nThis is part {n} of a long demo answer. It has enough words to watch the page follow "
    "the text, to scroll up and read in peace, and to press *Stop* in the middle. Nothing of it is lost "
    "when you close the tab: the worker writes on, and the page catches up.\n"
)
CHINESE_SECTION = (
    "\n### 第 {n} 部分\n\n这是长回答的第 {n} 部分。文字足够多，可以看页面怎样跟随，也可以向上滚动安静地读，"
    "或者中途按*停止*。关掉标签页也不会丢：工作进程继续写，页面回来后会补上。\n"
)
ENGLISH_FAILURE = "This is the error the demo was asked for; nothing is wrong."
CHINESE_FAILURE = "这是你让演示给出的错误，一切正常。"
ENGLISH_BLIND = "A script cannot look at pictures; a real model can.\n\n"
CHINESE_BLIND = "脚本看不了图片，真正的模型可以。\n\n"
ENGLISH_END = "\n\nThat is all the demo has to say."
CHINESE_END = "\n\n演示到此结束。"

_MODES = {"fail": "fail", "失败": "fail", "long": "long", "长": "long", "fast": "fast", "快": "fast"}


@dataclass(frozen=True, slots=True)
class Script:
    """One scripted answer; `mode` is "", fail, long or fast."""

    mode: str
    reasoning: str
    text: str
    ending: str
    failure: str

    def after(self, said: str) -> str:
        """What is left to say after `said`; an ending when `said` is not from this script."""
        return self.text.removeprefix(said) if self.text.startswith(said) else self.ending


def is_mostly_han(text: str) -> bool:
    """Whether more than half of the letters are Han characters."""
    return 2 * len(_HAN.findall(text)) > len(_LETTER.findall(text))


def script_for(question: str, pictures: int = 0) -> Script:
    """The answer to `question` with so many pictures, the same every time."""
    shown = " ".join(question.split())
    first = shown.split(" ", 1)[0].lower()
    mode = _MODES.get(first, "")
    if mode == "fail" and first != shown.lower():  # "fail …" may be a real question
        mode = ""
    shown = shown[:SHOWN] + ("…" if len(shown) > SHOWN else "")
    han = is_mostly_han(question)
    text = (CHINESE if han else ENGLISH).replace("{question}", shown)
    if pictures:
        text = (CHINESE_BLIND if han else ENGLISH_BLIND) + text
    if mode == "long":
        section = CHINESE_SECTION if han else ENGLISH_SECTION
        text += "".join(section.format(n=n) for n in range(1, SECTIONS + 1))
    return Script(
        mode=mode,
        reasoning=CHINESE_REASONING if han else ENGLISH_REASONING,
        text=text,
        ending=CHINESE_END if han else ENGLISH_END,
        failure=CHINESE_FAILURE if han else ENGLISH_FAILURE,
    )
