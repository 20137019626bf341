using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Testing;
using A2A.Micro.DataAnalysis;

namespace A2A.Micro.Agents.Tests;

public sealed class AnalysisTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Quotes_line_breaks_and_CRLF_are_read_as_RFC_4180_says()
    {
        var report = await Analyse("\uFEFFname,note\r\n\"Ann \"\"A\"\"\",\"line 1\r\nline 2\"\r\nBj\u00f8rn,\"a,b\"\r\n");
        Assert.Equal((2, 0), (report.Rows, report.BadRows));
        Assert.Equal(["name", "note"], report.Columns.Select(column => column.Name));
        Assert.Equal(("Ann \"A\"", "Bj\u00f8rn"), (report.Columns[0].Min, report.Columns[0].Max));
        Assert.Equal("line 1\r\nline 2", report.Columns[1].Max);
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("a,b\n", 0, 2)]
    [InlineData("a,b", 0, 2)]
    [InlineData("a\n1\n2", 2, 1)]
    [InlineData("a,b\n\n1,2\n\n", 1, 2)]
    public async Task Small_files_are_counted_right(string text, int rows, int columns)
    {
        var report = await Analyse(text);
        Assert.Equal((rows, columns, 0), (report.Rows, report.Columns.Count, report.BadRows));
    }

    [Fact]
    public async Task Rows_of_another_length_are_counted_with_their_lines_and_left_out()
    {
        var report = await Analyse("a,b\n1,2\n3\n\"x\ny\",4\n5,6,7\n8,9\n");
        Assert.Equal((3, 2), (report.Rows, report.BadRows));
        Assert.Equal([3L, 6L], report.BadRowLines);
    }

    [Fact]
    public async Task Figures_are_those_of_a_textbook()
    {
        var report = await Analyse(
            "x,down,code,flag,day,mix\n2,10.5,007,true,2024-01-01,1\n4,9.5,008,FALSE,2024-01-02,x\n4,8.5,009,true,,2\n" +
            "4,7.5,010,true,2024-01-04,3\n5,6.5,011,true,2024-01-05,4\n5,5.5,012,true,2024-01-06,5\n7,4.5,013,true,2024-01-07,6\n9,3.5,014,true,2024-01-08,7\n",
            AnalysisType.TrendAnalysis);
        Assert.Equal(["integer", "number", "text", "boolean", "date", "text"], report.Columns.Select(column => column.Type));
        var x = report.Columns[0];
        Assert.Equal((8, 0, "5", "2", "9"), (x.Count, x.Empty, x.Distinct, x.Min, x.Max));
        Assert.Equal(5, x.Numbers!.Mean, 12);
        Assert.Equal(Math.Sqrt(32 / 7.0), x.Numbers.Stddev, 12);
        Assert.Equal(4.5, x.Numbers.P50, 12);
        Assert.Equal(-1, report.Columns[1].Trend!.Slope, 12);
        Assert.Equal(("falling", "rising"), (report.Columns[1].Trend!.Direction, x.Trend!.Direction));
        Assert.Equal(1, report.Columns[4].Empty);
        Assert.Null(report.Columns[5].Numbers);
    }

    [Fact]
    public async Task A_huge_row_and_many_distinct_values_are_no_trouble()
    {
        var lines = Enumerable.Range(0, 1500).Select(row => row + "," + (row == 7 ? new string('z', 5_000_000) : "s"));
        var report = await Analyse("n,s\n" + string.Join('\n', lines));
        Assert.Equal((1500, ">1000", "2"), (report.Rows, report.Columns[0].Distinct, report.Columns[1].Distinct));
        Assert.Equal(749.5, report.Columns[0].Numbers!.P50);
    }

    [Fact]
    public async Task The_delimiter_is_found_out_or_said()
    {
        Assert.Equal(2, (await Analyse("a;b\n1,5;2\n")).Columns.Count);
        Assert.Single((await Analyse("a;b\n", delimiter: ",")).Columns);
    }

    [Fact]
    public async Task A_cancel_is_obeyed_within_a_second()
    {
        var path = folder.Put("large.csv", "a,b\n" + string.Concat(Enumerable.Repeat("1.5,text\n", 3_000_000)));
        var run = AgentTestKit.Start(new AnalysisHandler(folder.Files), new AnalysisParameters { DatasetPath = path });
        await run.FirstProgress;
        run.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Result.WaitAsync(TimeSpan.FromSeconds(1)));
        Assert.InRange(run.Progress[^1].Fraction, 0, 0.99);
    }

    private Task<AnalysisReport> Analyse(string text, AnalysisType? type = null, string? delimiter = null) => AgentTestKit.Start(
        new AnalysisHandler(folder.Files),
        new AnalysisParameters { DatasetPath = folder.Put("test.csv", text), AnalysisType = type, Delimiter = delimiter }).Result;
}
