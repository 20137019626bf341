using System.Text.Json;
using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Testing;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.Coordinator;
using A2A.Micro.DataAnalysis;
using FsCheck;
using FsCheck.Fluent;

namespace A2A.Micro.Agents.Tests;

/// <summary>A survey comes to what one analysis of the whole file comes to.</summary>
public sealed class CoordinatorTests : IDisposable
{
    private readonly Folder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Parts_cover_every_column_once_and_are_even() => Check.One(
        Config.QuickThrowOnFailure,
        Prop.ForAll(Gen.Choose(1, 300).ToArbitrary(), Gen.Choose(1, 64).ToArbitrary(), (columns, parts) =>
        {
            var runs = SplitRules.Split(columns, parts);
            Assert.Equal(Enumerable.Range(0, columns), runs.SelectMany(run => run.Places));
            Assert.Equal(Math.Min(columns, parts), runs.Count);
            Assert.InRange(runs.Max(run => run.Places.Count) - runs.Min(run => run.Places.Count), 0, 1);
        }));

    [Theory]
    [InlineData("a,b,c,d,e\n1,x,2024-01-01,,5.5\n2,y,2024-01-02,7,6.5\nbroken\n3,x,2024-01-03,8,\n", 3)]
    [InlineData("a\n1\n2\n", 4)]
    [InlineData("a,a\n1,2\n", 2)]
    [InlineData("a;b\n1;2\n", 2)]
    [InlineData("", 4)]
    public async Task The_merged_figures_are_those_of_one_analysis(string text, int parts)
    {
        _ = folder.Put("x.csv", text);
        var whole = await Analyse(new AnalysisParameters { DatasetPath = "x.csv", AnalysisType = DataAnalysis.AnalysisType.TrendAnalysis });

        var run = AgentTestKit.Start(
            new SurveyHandler(folder.Files), new SurveyParameters { DatasetPath = "x.csv", Parts = parts, AnalysisType = "trend_analysis" });
        await PlaySpecialists(run, text.Length == 0 ? 0 : whole.Columns.Count, parts);
        var survey = await run.Result;

        Assert.Equal((whole.Rows, whole.BadRows, whole.Bytes), (survey.Rows, survey.BadRows, survey.Bytes));
        Assert.Equal(
            whole.Columns.Select(column => JsonSerializer.Serialize(column, WireJson.Options)), survey.Columns.Select(column => column.GetRawText()));
        Assert.Equal(Math.Max(1, Math.Min(parts, whole.Columns.Count)), survey.Parts.Count);
        Assert.Equal(1, run.Progress[^1].Fraction);
    }

    [Fact]
    public async Task The_first_part_that_fails_ends_the_whole()
    {
        _ = folder.Put("x.csv", "a,b\n1,2\n");
        var run = AgentTestKit.Start(new SurveyHandler(folder.Files), new SurveyParameters { DatasetPath = "x.csv", Parts = 2 });
        _ = await run.Child("columns-1-1");

        run.FailChild("columns-1-1", new TaskError { Code = "HANDLER_FAILED", Message = "the disk is gone" });

        var failed = await Assert.ThrowsAsync<TaskFailedException>(() => run.Result);
        Assert.Equal((Child.Failed, false), (failed.Code, failed.Retryable));
        Assert.Contains("the disk is gone", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_of_a_file_that_changed_meanwhile_are_not_merged()
    {
        _ = folder.Put("x.csv", "a,b\n1,2\n");
        var run = AgentTestKit.Start(new SurveyHandler(folder.Files), new SurveyParameters { DatasetPath = "x.csv", Parts = 2 });
        run.CompleteChild("columns-0-0", new PartReport { Rows = 1, BadRows = 0, Bytes = 8, Columns = [] });
        run.CompleteChild("columns-1-1", new PartReport { Rows = 2, BadRows = 0, Bytes = 12, Columns = [] });
        Assert.Equal("DATASET_CHANGED", (await Assert.ThrowsAsync<TaskFailedException>(() => run.Result)).Code);
    }

    [Fact]
    public async Task A_survey_that_is_cancelled_stops_waiting()
    {
        _ = folder.Put("x.csv", "a,b\n1,2\n");
        var run = AgentTestKit.Start(new SurveyHandler(folder.Files), new SurveyParameters { DatasetPath = "x.csv" });
        _ = await run.Child("columns-1-1");
        run.Cancel();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Result);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    public async Task A_column_that_is_not_there_is_named(int place)
    {
        _ = folder.Put("x.csv", "a,b\n1,2\n");
        var failed = await Assert.ThrowsAsync<TaskFailedException>(
            () => Analyse(new AnalysisParameters { DatasetPath = "x.csv", Columns = [0, place] }));
        Assert.Equal("NO_SUCH_COLUMN", failed.Code);
        Assert.Contains($"place {place}", failed.Message, StringComparison.Ordinal);
    }

    // The agents for data.analysis, doing what the children ask for.
    private async Task PlaySpecialists(AgentTestRun<SurveyParameters, SurveyReport> run, int columns, int parts)
    {
        foreach (var part in SplitRules.Split(columns, parts))
        {
            var name = $"columns-{part.First}-{part.Last}";
            var asked = await run.Child(name);
            Assert.Equal(("data.analysis", run.Context.TaskId), (asked.TaskType, asked.ParentTaskId));
            run.CompleteChild(name, await Analyse(asked.Parameters!.Value.Deserialize<AnalysisParameters>(WireJson.Options)!));
        }
    }

    private Task<AnalysisReport> Analyse(AnalysisParameters parameters) => AgentTestKit.Start(new AnalysisHandler(folder.Files), parameters).Result;
}
