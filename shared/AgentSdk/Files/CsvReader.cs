using System.Text;

namespace A2A.Micro.AgentSdk.Files;

/// <summary>
/// Reads RFC 4180 records one at a time with memory for one record: quotes, line breaks within quotes, CRLF, LF and CR, a byte
/// order mark. Lenient where files in the wild are: a quote inside an unquoted field is text, and so is text after a closing
/// quote. A blank line is a record of one empty field.
/// </summary>
public sealed class CsvReader : IDisposable
{
    /// <summary>Longest record in characters: a quote that is never closed must not swallow the file into memory.</summary>
    public const int RecordMax = 64 * 1024 * 1024;

    private const string Delimiters = ",;\t|";

    private readonly StreamReader source;
    private readonly char[] block = new char[32 * 1024];
    private readonly List<(int End, bool Quoted)> fields = [];
    private char[] record = new char[1024];
    private int length;
    private int at;
    private int filled;
    private long line = 1;

    /// <param name="stream">UTF-8, or what its byte order mark says; closed with the reader.</param>
    /// <param name="delimiter">Between fields; null: the one of <c>, ; tab |</c> that occurs most often in the first line.</param>
    public CsvReader(Stream stream, char? delimiter = null)
    {
        source = new StreamReader(stream, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true, 1 << 16);
        _ = Fill();
        Delimiter = delimiter ?? Guess();
    }

    /// <summary>The character between fields.</summary>
    public char Delimiter { get; }

    /// <summary>Fields of the current record.</summary>
    public int Count => fields.Count;

    /// <summary>The line on which the current record begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The text of a field, without its quotes.</summary>
    public ReadOnlySpan<char> this[int field]
    {
        get
        {
            var start = field == 0 ? 0 : fields[field - 1].End;
            return record.AsSpan(start, fields[field].End - start);
        }
    }

    /// <summary>Whether a field was written in quotes.</summary>
    public bool WasQuoted(int field) => fields[field].Quoted;

    /// <summary>Every field of the current record as a string.</summary>
    public string[] ToArray()
    {
        var copy = new string[Count];
        for (var field = 0; field < copy.Length; field++) { copy[field] = this[field].ToString(); }
        return copy;
    }

    /// <summary>Goes to the next record; false at the end.</summary>
    /// <exception cref="TaskFailedException">The record is over <see cref="RecordMax"/>: <c>CSV_RECORD_TOO_LONG</c>.</exception>
    public bool Read()
    {
        fields.Clear();
        length = 0;
        Line = line;
        if (at == filled && !Fill()) { return false; }
        while (ReadField())
        {
        }

        return true;
    }

    /// <inheritdoc />
    public void Dispose() => source.Dispose();

    // True when another field of the same record follows.
    private bool ReadField()
    {
        var quoted = Peek() == '"';
        if (quoted)
        {
            at++;
            ReadQuoted();
        }

        ReadUnquoted();
        fields.Add((length, quoted));
        var end = Peek();
        if (end < 0) { return false; }
        at++;
        if (end == Delimiter) { return true; }
        if (end == '\r' && Peek() == '\n') { at++; }
        line++;
        return false;
    }

    private void ReadQuoted()
    {
        while (at < filled || Fill())
        {
            var rest = block.AsSpan(at, filled - at);
            var quote = rest.IndexOf('"');
            var text = quote < 0 ? rest : rest[..quote];
            line += CountLines(text);
            Append(text);
            at += text.Length;
            if (quote < 0) { continue; }
            at++;
            if (Peek() != '"') { return; }
            Append(['"']);
            at++;
        }
    }

    private void ReadUnquoted()
    {
        while (at < filled || Fill())
        {
            var rest = block.AsSpan(at, filled - at);
            var end = rest.IndexOfAny(Delimiter, '\r', '\n');
            var text = end < 0 ? rest : rest[..end];
            Append(text);
            at += text.Length;
            if (end >= 0) { return; }
        }
    }

    // A CRLF that falls apart over two blocks is still one line break: the LF is what counts.
    private static int CountLines(ReadOnlySpan<char> text) => text.Count('\n');

    private void Append(ReadOnlySpan<char> text)
    {
        if (length + text.Length > record.Length)
        {
            if (length + text.Length > RecordMax)
            {
                throw new TaskFailedException(
                    "CSV_RECORD_TOO_LONG",
                    $"the record at line {Line} is over {RecordMax} characters; is a quote never closed?",
                    retryable: false);
            }

            Array.Resize(ref record, Math.Max(record.Length * 2, length + text.Length));
        }

        text.CopyTo(record.AsSpan(length));
        length += text.Length;
    }

    private int Peek() => at < filled || Fill() ? block[at] : -1;

    private bool Fill()
    {
        at = 0;
        filled = source.Read(block, 0, block.Length);
        return filled > 0;
    }

    private char Guess()
    {
        var counts = new int[Delimiters.Length];
        var quoted = false;
        foreach (var character in block.AsSpan(0, filled))
        {
            if (character == '"') { quoted = !quoted; }
            if (!quoted && character is '\r' or '\n') { break; }
            var which = quoted ? -1 : Delimiters.IndexOf(character, StringComparison.Ordinal);
            if (which >= 0) { counts[which]++; }
        }

        return Delimiters[Array.IndexOf(counts, counts.Max())];
    }
}
