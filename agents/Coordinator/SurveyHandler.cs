using A2A.Micro.AgentSdk;
using A2A.Micro.AgentSdk.Files;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.Coordinator;

/// <summary>
/// Splits an analysis by columns and merges the parts. By columns and not by rows, because a median or a count of different values cannot be
/// put together from those of parts: so the figures are those of one analysis of the whole, to the digit.
/// </summary>
public sealed class SurveyHandler(FileRoots files) : ITaskHandler<SurveyParameters, SurveyReport>
{
    private const int PartsDefault = 4;

    /// <inheritdoc />
    public void CanAccept(SurveyParameters parameters, OfferTask offer) => _ = files.Input(parameters.DatasetPath, "dataset_path");

    /// <inheritdoc />
    public async Task<SurveyReport> Handle(SurveyParameters parameters, TaskContext context)
    {
        var parts = SplitRules.Split(CountColumns(parameters), parameters.Parts ?? PartsDefault);
        var children = new List<(Child Child, Task<PartReport> Report)>(parts.Count);
        foreach (var part in parts)
        {
            // Named by what it is: another attempt finds it again, and would not take another part for it.
            var child = await context.Children.Submit($"columns-{part.First}-{part.Last}", "data.analysis", new
            {
                parameters.DatasetPath,
                parameters.Delimiter,
                parameters.AnalysisType,
                Columns = part.Places,
            });
            children.Add((child, child.Result<PartReport>()));
        }

        var done = 0;
        context.Progress(0, $"{children.Count} parts");
        await foreach (var report in Task.WhenEach(children.Select(each => each.Report)))
        {
            // The first part that fails ends the whole, and with it the others.
            _ = await report;
            done++;
            context.Progress((double)done / children.Count, $"{done} of {children.Count} parts");
        }

        return SplitRules.Merge([.. children.Select(each => (each.Child.TaskId, each.Report.Result))]);
    }

    private int CountColumns(SurveyParameters parameters)
    {
        using var file = File.OpenRead(files.Input(parameters.DatasetPath, "dataset_path"));
        using var csv = new CsvReader(file, parameters.Delimiter?[0]);
        return csv.Read() ? csv.Count : 0;
    }
}
