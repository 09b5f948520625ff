"""Answers as models really write them, in English and Chinese."""

ANSWERS = [
    "Yes.",
    """Almost all of the time goes into **compressing files that are already compressed**.

| Phase | Now | After |
|:------|----:|------:|
| Scan | 4 min | 4 min |
| Compress | 2 h 21 min | `9 min` |

Two changes are enough:

```bash backup.sh
# text and databases
tar -cf - "$SOURCE" | zstd -T0 -3 -o "$TARGET/data.tar.zst"

rsync -a --files-from=media.txt "$SOURCE/" "$TARGET/media/"
```

That is all; see <https://example.org/docs> or [the manual](https://example.org/zstd).
""",
    """### Steps
1. **Install** the package:
   ```bash
   pip install parley

   parley serve
   ```
2. Open the page. It shows
   - the chat
   - the *settings*
     1. models
     2. people

   and nothing else.
3. Done!

> Note: this needs Python.
> It really does,
and goes on lazily.

---
Final words with `code`, ~~old~~ new and **bold _nested_ text**.
""",
    """可以。思路是**一个脚本、两个定时器**：脚本用参数区分完整与增量。

- 周日 03:00：完整备份，保留最近 4 份
- 周一至周六 03:00：增量备份

- 恢复演练：每月一次

## 配置

```ini
[Timer]
OnCalendar=Sun *-*-* 03:00:00
Persistent=true
```

`Persistent=true` 会在错过时间后补跑一次。
详情见https://example.org/timer。
""",
    """The quadratic formula is

$$
x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}
$$

where $a \\ne 0$. With \\(a = 1\\):

\\[
x^2 + px
+ q = 0
\\]
It costs $5 and $6 to print.

* [ ] check
* [x] prove

Setext
======
another *paragraph*
with two lines
""",
    """Here is code without a closing fence:

~~~python
def broken(:
    return "<script>alert(1)</script>"

# and more
""",
    """Term list:

* **A**: first

  More about A.

      indented code in A
* **B**: second
+ other bullets
1) one
2) two

        deep code
Text right after.

<details>
<summary>HTML as text</summary>
</details>

Done & dusted &copy; 2026.
""",
    """回答如下：
1. 先看日志；
2. 再看配置：
    ```yaml
    a: 1
    b:
      - c
    ```
3. 最后重启。

| 项目 | 值 |
|---|---|
| 内存 | 1 GB |
| 磁盘 | 2 TB |

> 引用第一行
> - 列表
> - 第二项

祝好！
""",
]
